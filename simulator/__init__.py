"""The outside world for the demo and the tests: an aggregator's stand-in and a feature phone in the browser.

It speaks only the aggregator's protocol, imports nothing of the product, and is only ever started as a process:
``python -m simulator --port 8099``. ``README.md`` beside this file lists what it answers.
"""
