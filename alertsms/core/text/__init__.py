"""The words: texts of SMS and posts, and what people write back."""
