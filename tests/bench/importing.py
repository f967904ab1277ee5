"""How fast an export becomes a recording, and in how much memory: `python -m tests.bench.importing [--gigabytes 1]`.

A generated Brandwatch export (block before the header, quoted texts with line breaks, 42 columns), imported by the
command itself in a process of its own; with the rate at which the csv module of Python alone reads the file, in the
same run. Rates are of processor time. Printed, never asserted.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

HEADER = (
    "Query Id,Query Name,Date,Title,Snippet,Full Text,Url,Domain,Sentiment,Page Type,Language,Country Code,"
    "Continent Code,Continent,Country,City Code,Account Type,Added,Assignment,Author,Avatar,Category Details,Thread Id,"
    "Thread Author,Thread Entry Type,Thread URL,Original Url,Display URLs,Expanded URLs,Media URLs,Short URLs,"
    "Broadcast Media Url,Mentioned Authors,Likes,Comments,Shares,Engagement Score,X Author ID,X Followers,"
    "Bluesky Author Id,Impact,Reach"
)
COLUMNS = HEADER.split(",")
SAID = "la bouilloire lumio a fondu cette nuit le service client ne répond pas honte boycott merci photo"
WORDS = SAID.split()


def write_export(path: Path, size: int) -> int:
    """Write about `size` bytes; returns the number of rows."""
    chance = random.Random(7)
    at, rows = datetime(2026, 1, 1, tzinfo=UTC), 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Report:,Bulk Mentions Download\nBrand:,Lumio\nLabel:,\n\n")
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        while file.tell() < size:
            block = [_row(chance, at + timedelta(seconds=rows + number), rows + number) for number in range(5_000)]
            writer.writerows(block)
            rows += len(block)
    return rows


def _row(chance: random.Random, at: datetime, number: int) -> list[str]:
    text = " ".join(chance.choices(WORDS, k=chance.randint(10, 120)))
    values = dict.fromkeys(COLUMNS, "")
    values |= {
        "Query Id": "1999933037",
        "Query Name": "Lumio",
        "Date": at.strftime("%Y-%m-%d %H:%M:%S.0"),
        "Title": text[:60] if number % 3 else f'"{text[:40]}", dit-il',
        "Snippet": text[:120],
        "Full Text": text if number % 10 else text.replace(" a ", "\n", 1),
        "Url": f"https://site{number % 999}.example/2026/{number}",
        "Domain": f"site{number % 999}.example",
        "Page Type": "forum" if number % 2 else "twitter",
        "Language": "fr",
        "Author": f"auteur{number % 50_000}",
        "Likes": str(number % 40),
        "X Followers": str(number % 9_000),
        "Impact": "12.5",
    }
    return list(values.values())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "export.csv", Path(folder) / "recording.jsonl.zst"
        rows = write_export(path, int(options.gigabytes * 1e9))
        began = process_time()
        with path.open(encoding="utf-8", newline="") as file:
            plain = sum(1 for _ in csv.reader(file))
        alone = plain / (process_time() - began)
        began = perf_counter()
        command = [sys.executable, "-m", "buzzguard", "import", str(path), "-o", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = used.ru_utime + used.ru_stime
        figures = {
            "bytes": path.stat().st_size,
            "rows": rows,
            "rows_per_second": round(rows / worked),
            "csv_module_alone": round(alone),
            "seconds": round(seconds, 1),
            "peak_mib": round(used.ru_maxrss / 1024, 1),
            "recording_bytes": target.stat().st_size,
        }
    print(
        json.dumps(figures) if options.json else "\n".join(f"{name:<20}{value:>16,}" for name, value in figures.items())
    )


if __name__ == "__main__":
    main()
