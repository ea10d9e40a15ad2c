"""The figures that the losses promise, beside what was measured."""

from collections.abc import Sequence

# Most that a fused loss may take, as a multiple of fused cross-entropy.
HIGHEST_RATIOS = {"soft-label": 1.05, "weighted-ce": 1.7, "weighted-ce-affine": 1.7, "weighted-sim": 1.5}
HIGHEST_MB = 1500.0
AT_VOCABULARY = 200_000


def print_ratios(rows: Sequence[dict]) -> None:
    """Print each fused loss's time over that of fused cross-entropy, taken in turn, and the peaks of memory."""
    print("\nfused loss / fused cross-entropy (median of the rounds' ratios), and the most it may be")
    for row in rows:
        if row["form"] == "fused" and row["loss"] in HIGHEST_RATIOS and not row["note"]:
            highest = HIGHEST_RATIOS[row["loss"]]
            verdict = "ok" if row["ratio_to_fused_ce"] <= highest else "MISSED"
            print(
                f"  V={row['vocab_size']:<8} {row['allocator']:8} {row['loss']:19} "
                f"{row['ratio_to_fused_ce']:.3f}  <= {highest}  {verdict}"
            )
    large = [row for row in rows if row["form"] == "fused" and row["vocab_size"] == AT_VOCABULARY and "peak_mb" in row]
    if large:
        print(f"\npeak memory of fused losses at V={AT_VOCABULARY}, which must stay below {HIGHEST_MB:,.0f} MB")
    for row in large:
        verdict = "ok" if row["peak_mb"] < HIGHEST_MB else "MISSED"
        print(
            f"  {row['allocator']:8} {row['loss']:19} {row['peak_mb']:7,.0f} MB beyond the imports  {verdict} "
            f"({row['process_mb']:,.0f} MB the whole process)"
        )
