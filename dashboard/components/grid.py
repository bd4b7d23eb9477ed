"""Tables: AG Grid (Community) in our look, and the columns of the journal."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag

from dashboard.text import t

# The theme's parameters become CSS variables, so light and dark follow our tokens by themselves.
_LOOK = {
    "fontFamily": "var(--cb-font)",
    "fontSize": "13px",
    "headerFontSize": "12px",
    "headerFontWeight": "600",
    "backgroundColor": "var(--cb-card)",
    "foregroundColor": "var(--cb-text)",
    "textColor": "var(--cb-text)",
    "headerTextColor": "var(--cb-text-muted)",
    "headerBackgroundColor": "var(--cb-card)",
    "accentColor": "var(--cb-accent)",
    "borderColor": "var(--cb-line)",
    "rowHoverColor": "var(--cb-hover)",
    "selectedRowBackgroundColor": "var(--cb-selected)",
    "oddRowBackgroundColor": "var(--cb-card)",
    "headerColumnResizeHandleColor": "transparent",
    "rangeSelectionBorderColor": "transparent",
    "wrapperBorder": "none",
    "wrapperBorderRadius": "0",
    "columnBorder": "none",
    "pinnedRowBorder": "1px solid var(--cb-line)",
    "pinnedRowBackgroundColor": "var(--cb-card)",
    "cellHorizontalPaddingScale": "0.7",
    "headerHeight": "34px",
    "rowHeight": "36px",
    "spacing": "6px",
    "iconSize": "14px",
}


_LOOKS = ("loading", "running", "missed", "unknown")


def theme() -> dict[str, str]:
    """Quartz with our parameters, as the option `theme` of a grid."""
    parameters = ", ".join(f"{name}: '{value}'" for name, value in _LOOK.items())
    return {"function": f"themeQuartz.withParams({{{parameters}}})"}


def journal_grid(grid_id: str) -> dag.AgGrid:
    """The grid of calls; assets/journal_grid.js gives it its datasource."""
    return dag.AgGrid(
        id=grid_id,
        rowModelType="infinite",
        columnDefs=journal_columns(),
        defaultColDef={
            "sortable": False,
            "resizable": True,
            "suppressHeaderMenuButton": True,
            "sortingOrder": ["desc", "asc"],
            "suppressMovable": False,
            "cellRenderer": "JournalText",
            "minWidth": 60,
        },
        getRowId="params.data.call_id",
        dashGridOptions={
            "theme": theme(),
            "rowHeight": 36,
            "cacheBlockSize": 100,
            "maxBlocksInCache": 30,
            "cacheOverflowSize": 1,
            "infiniteInitialRowCount": 30,
            "maxConcurrentDatasourceRequests": 3,
            "blockLoadDebounceMillis": 20,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
            "suppressCellFocus": True,
            "animateRows": False,
            "suppressDragLeaveHidesColumns": True,
            "suppressMultiSort": True,
            "suppressNoRowsOverlay": True,
            "ensureDomOrder": True,
            "tooltipShowDelay": 600,
        },
        # Rules, not getRowClass: a row that takes another call's place would keep the classes of the former.
        rowClassRules={f"j-row-{look}": f"journalLook(params) === '{look}'" for look in _LOOKS},
        className="j-grid",
        style={"height": "100%", "width": "100%"},
    )


def journal_columns() -> list[dict[str, Any]]:
    """The columns of DOMAIN.md 2; ids of the sortable ones are the names of the sort."""

    def column(key: str, field: str, **options: Any) -> dict[str, Any]:
        return {"headerName": t(f"journal.column.{key}"), "field": field, "colId": key} | options

    right = {"cellClass": "j-right", "headerClass": "j-right-head"}
    more: dict[str, Any] = {"hide": True, "width": 140}
    return [
        {
            "colId": "mark",
            "headerName": "",
            "cellRenderer": "JournalMark",
            "width": 34,
            "minWidth": 34,
            "resizable": False,
            "suppressMovable": True,
            "lockPosition": "left",
            "cellClass": "j-cell-mark",
        },
        {
            "colId": "markers",
            "headerName": "",
            "field": "attention",
            "cellRenderer": "JournalMarkers",
            "width": 56,
            "minWidth": 30,
            "resizable": False,
            "suppressMovable": True,
            "lockPosition": "left",
            "cellClass": "j-cell-markers",
        },
        column("time", "started_at", cellRenderer="JournalTime", width=146, sortable=True, minWidth=120),
        column("client", "client", cellRenderer="JournalClient", flex=3.6, sortable=True, minWidth=146),
        column("employee", "people", cellRenderer="JournalPeople", flex=2.7, sortable=True, minWidth=100),
        column("status", "status", cellRenderer="JournalStatus", width=132, minWidth=110),
        column("comment", "comment", cellRenderer="JournalComment", flex=1.7, minWidth=104),
        column("tags", "tags", cellRenderer="JournalTags", **more),
        column("talk", "talk_s", cellRenderer="JournalTalk", width=78, sortable=True, minWidth=70, **right),
        column("wait", "wait_s", valueFormatter={"function": "journalWait(params)"}, sortable=True, **(more | right)),
        column("queue", "queue", **more),
        column("line", "line", **more),
        column("channel", "channel", **more),
        column("did", "did_text", **more),
        column("number", "number_text", **more),
        column("number_class", "number_class", valueFormatter={"function": "journalClass(params)"}, **more),
        column("region", "region_text", **more),
        column("transfers", "transfer_count", valueFormatter={"function": "journalCount(params)"}, **(more | right)),
        column("recordings", "recording_count", valueFormatter={"function": "journalCount(params)"}, **(more | right)),
    ]
