"""Chats: what comes in and goes out, and what people do with them."""
