"""Steps as lines, while one waits."""

from __future__ import annotations

from knee.rows import ALL, Row


def print_step(row: Row) -> None:
    """Print what matters of a step, or of one kind of requests in it."""
    load = f"{row['load']:.0f} users" if row["mode"] == "closed" else f"{row['load']:.4g}/s"
    name = f"{row['mode']} {load}" if row["kind"] == ALL else row["kind"]
    print(
        f"  {name:>18}: {row['achieved_per_s']:8.1f}/s right, {row['goodput_per_s']:8.1f}/s in time, "
        f"p50 {row['p50_ms']:.1f} p99 {row['p99_ms']:.1f} ms, {row['failures']} failed ({row['shed']} shed), "
        f"{row['checked']} of {row['requests']} looked at"
        + (f", generator {row['client_cpu_share']:.2f} cores" if row["kind"] == ALL else "")
        + (f", {row['failure']}" if row["failure"] else ""),
        flush=True,
    )
