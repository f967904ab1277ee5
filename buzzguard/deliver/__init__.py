"""Notification → Delivery: what people read, and how it reaches them."""
