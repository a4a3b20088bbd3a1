"""What is to be told to whom, and the states of an SMS or post on its way."""
