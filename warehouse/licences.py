"""Licences by the identifiers that the Hub knows, and which of them a dataset's card may state."""

import duckdb

from warehouse.errors import WarehouseError

_HUB = """
    afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc
    cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
    cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2
    gfdl gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openrail
    osl-3.0 other pddl postgresql unlicense wtfpl zlib
"""
KNOWN = frozenset(_HUB.split())

SOURCES = """
    select name, license, file, sha256, problems, samples from sources
    qualify row_number() over (partition by name, sha256 order by license is null, imported_at desc) = 1
    order by name, sha256
"""
_UNLICENSED = """
    select count(*) from (select distinct source from problems) as p
    where not exists (select 1 from sources as s where p.source = 'import:' || s.name and s.license is not null)
"""


def check_license(license: str | None) -> None:
    """Raises WarehouseError unless the licence is one that the Hub knows, or None."""
    if license is not None and license not in KNOWN:
        raise WarehouseError(
            "a licence is named as on the Hub, such as mit, apache-2.0 or cc-by-4.0, or is 'other';"
            f" not {license!r:.80}"
        )


def stated_licences(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The licences of all problems; none where that of a single one is not known: generated ones have none yet."""
    [(unlicensed,)] = con.execute(_UNLICENSED).fetchall()
    found = con.execute(
        "select distinct license from sources where license is not null order by license"
    ).fetchall()
    return [] if unlicensed else [license for (license,) in found if license in KNOWN]
