"""Mention → ScoredMention: clean, tell the language, match topics, drop repeats, score, find gravity words.

Decisions that cost an argument:

- A mention's own `topics` (given by its stream or by whoever pushed it) are trusted: they are taken without matching.
- Adjacent words of a query mean AND; a hashtag matches the word in it, and `#airfrance` matches `"air france"`.
- Copies of one text by different authors are not repeats: they are how a bad buzz looks.
- Repeats are looked for after matching, so that the memory holds nothing but mentions that were kept, and `restore`
  from the store rebuilds it.
"""
