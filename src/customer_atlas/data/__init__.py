"""From sources to the lake: files found, read, typed, judged, and kept in bucketed tables."""

from __future__ import annotations

from customer_atlas.data.buckets import BUCKET_SQL, bucket_of
from customer_atlas.data.checks import REASONS
from customer_atlas.data.files import SourceFile, data_files, find_files
from customer_atlas.data.ingestion import ingest
from customer_atlas.data.lake import DataFile, Lake, LakeTable
from customer_atlas.data.pseudonyms import Pseudonyms
from customer_atlas.data.quality import (
    PROBABILITIES,
    Baseline,
    ColumnProfile,
    Finding,
    Profile,
    Readiness,
    Scores,
    Severity,
    SourceProfile,
    check_readiness,
    excess_psi,
)
from customer_atlas.data.report import Counts, SourceReport, reasons_of
from customer_atlas.data.sampling import Sample, sample_file
from customer_atlas.data.upkeep import compact, vacuum

__all__ = [
    "BUCKET_SQL",
    "PROBABILITIES",
    "REASONS",
    "Baseline",
    "ColumnProfile",
    "Counts",
    "DataFile",
    "Finding",
    "Lake",
    "LakeTable",
    "Profile",
    "Pseudonyms",
    "Readiness",
    "Sample",
    "Scores",
    "Severity",
    "SourceFile",
    "SourceProfile",
    "SourceReport",
    "bucket_of",
    "check_readiness",
    "compact",
    "data_files",
    "excess_psi",
    "find_files",
    "ingest",
    "reasons_of",
    "sample_file",
    "vacuum",
]
