"""The boolean query of a topic.

    acme AND (recall* OR "class action" OR acme NEAR/5 scandal) -jobs lang:(fr OR en)

- `AND`, `OR`, `NOT` count as operators in upper case only; `NEAR` binds tightest, then `NOT`, then `AND`, then `OR`.
  `-jobs` is `NOT jobs`.
- Words side by side mean AND: `acme phone` is `acme AND phone`. A phrase stands in double quotes.
- `a NEAR/5 b`: at most 5 words from one to the other, either first; `ONEAR/5`: `a` first. NEAR/1 is side by side.
  Both sides are words, phrases or groups `(a OR b)`. Nothing is near across title and text.
- `recall*` finds words that begin so (three letters at least); in a phrase the last word may end in `*`.
- `lang:fr`, `author:@x`, `source:reddit`, `site:lemonde.fr` (and what is below it), `kind:review`, `url:part`,
  `title:word`, `title:(a OR "b c")`, `lang:(fr OR en)`.
- Case and accents do not matter, apostrophes and hyphens have one form (see `fold`). `=Elan` and `="Élan Vital"` are
  found as written only.
- A term matches whole words. `#acme` and `@acme` in a text match `acme`; the reverse does not hold.
- In hashtags and handles people drop spaces, hyphens and apostrophes, so `"air france"` also matches `#airfrance`;
  those with capitals inside are read word by word as well: `acme` matches `#BoycottAcme`.

A query that would match texts without any of its words (`NOT acme`, `lang:fr`) is refused; `site:`, `author:` and
`source:` count as words here.
"""

from buzzguard.understand.query.build import MAX_DISTANCE, MAX_LENGTH, MAX_TERMS, parse_query
from buzzguard.understand.query.errors import QueryError
from buzzguard.understand.query.grammar import MAX_DEPTH
from buzzguard.understand.query.nodes import Either, Every, Field, Near, Node, Not, Query, Term, asks_for

__all__ = [
    "MAX_DEPTH",
    "MAX_DISTANCE",
    "MAX_LENGTH",
    "MAX_TERMS",
    "Either",
    "Every",
    "Field",
    "Near",
    "Node",
    "Not",
    "Query",
    "QueryError",
    "Term",
    "asks_for",
    "parse_query",
]
