"""A local stand-in for Stripe: its wire protocol, its hosted page, its signed webhooks.

It imports nothing of the site, and the site's code cannot tell it from Stripe.
No money moves. What it does and does not do is written down in docs/sandbox.md.
"""
