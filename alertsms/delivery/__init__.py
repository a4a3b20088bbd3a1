"""Out: pages become SMS and posts, are sent, looked up and followed; accounts are watched."""
