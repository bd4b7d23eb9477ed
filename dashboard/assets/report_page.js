/* Reports: controls write the address, the address asks the server, marks and cells lead to the journal. */
(function () {
    "use strict";

    const ASKED = "report-asked";
    const OWN = ["view", "shape", "step", "order", "target_s", "short_s", "reply_s", "period", "from", "to"];
    const PRESETS = ["today", "yesterday", "7d", "30d", "90d", "month", "quarter", "half_year", "year"];
    const USUAL = "30d";
    const journal = () => window.callboardJournal;

    let report = null;

    function start(config) {
        report = config.report;
        const shared = journal();
        shared.leave();
        shared.config = Object.assign({ apart: isOwn }, config.journal);
        window.callboard.bundle("Plotly"); // while the server counts
        const state = shared.state;
        if (!state.get("period") && !state.get("from") && !state.get("to")) state.set({ period: USUAL }, true);
        const filters = document.getElementById("report-filters");
        if (filters) shared.filterBar(filters, { presets: PRESETS, periodOnly: !config.calls });
        state.onChange(ask);
        shared.listen(document, "callboard:theme", ask);
        return true; // the page comes with its first question
    }

    /* Names of the address that are no filters: the bar shows no chips for them. */
    function isOwn(name) {
        return OWN.includes(name) || name.startsWith("show_");
    }

    function question() {
        return { report, search: location.search, theme: document.documentElement.dataset.theme || theme() };
    }

    function theme() {
        return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }

    function ask() {
        if (document.getElementById("report-body")) window.dash_clientside.set_props(ASKED, { data: question() });
    }

    function set(name, value) {
        journal().state.set({ [name]: value });
    }

    document.addEventListener("click", (event) => {
        const control = event.target.closest("[data-report-set]");
        if (control) {
            const [name, value] = control.dataset.reportSet.split("=");
            set(name, value);
            return;
        }
        const action = event.target.closest("[data-report-do]");
        if (action) actions[action.dataset.reportDo]();
        const file = event.target.closest("[data-report-file]");
        if (file) {
            file.closest("details").open = false;
            save(file.dataset.reportFile);
        }
        const link = event.target.closest(".report-page a[href], .overview a[href]");
        if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
            event.preventDefault();
            journal().go(link.getAttribute("href"));
        }
        const menu = document.querySelector(".report-export[open]");
        if (menu && !menu.contains(event.target)) menu.open = false;
    });

    document.addEventListener("change", (event) => {
        const choice = event.target.closest("[data-report-choice]");
        if (choice) set(choice.dataset.reportChoice, choice.value);
    });

    const actions = {
        copy: () =>
            navigator.clipboard.writeText(location.href).then(
                () => window.callboard.toast(window.callboard.t("reports.js.copied"), "good"),
                () => window.prompt(window.callboard.t("reports.js.copy"), location.href),
            ),
        print: () => window.print(),
    };

    function save(form) {
        if (form !== "png") {
            location.assign(`/api/reports/${report}.${form}${location.search}`);
            return;
        }
        const charts = document.querySelectorAll(".js-plotly-plot");
        if (!charts.length) window.callboard.toast(window.callboard.t("reports.js.no_chart"), "plain");
        charts.forEach((chart, place) => {
            const background = getComputedStyle(document.body).backgroundColor;
            const size = { width: chart.clientWidth, height: chart.clientHeight };
            const figure = { data: chart.data, layout: Object.assign({}, chart.layout, { paper_bgcolor: background }) };
            const filename = charts.length > 1 ? `${report}-${place + 1}` : report;
            window.Plotly.downloadImage(figure, Object.assign({ format: "png", scale: 2, filename }, size));
        });
    }

    window.dash_clientside = Object.assign({}, window.dash_clientside, {
        report: { start, theme: () => question().theme },
    });
})();
