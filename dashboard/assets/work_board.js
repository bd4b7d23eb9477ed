/* The wall board: one answer of the server, drawn anew where it differs; clocks tick in the browser.
   What cannot be known now is never shown as nothing: without a link the board says so. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, icon } = journal;
    const t = (key, values) => journal.t(`lb.${key}` in journal.config.words ? `lb.${key}` : key, values);

    const BLOCKS = ["today", "queues", "lines", "calls", "employees"];
    const LIMITS = { waiting: 3, wait_s: 60, level: 80 };
    const MOST_CALLS = 40; // bounded, however busy the office
    const MOST_PEOPLE = 120;
    const PAUSE_MS = 400;
    const LATEST_MS = 10000;
    const DAY_MS = 15000;
    const ICONS = {
        talking: "telephone", held: "pause-fill", ringing: "bell", calling: "telephone-outbound", busy: "telephone-minus",
        paused: "hourglass-split", free: "check-circle", out: "wifi-off", unknown: "circle",
    };
    const ORDER = ["ringing", "calling", "talking", "held", "busy", "free", "paused", "out", "unknown"];

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("live-board") !== null;
        const state = journal.state;
        if (!isHere()) return;

        let kept = {};
        try {
            kept = JSON.parse(config.board.layout || "{}");
        } catch {
            kept = {};
        }
        const limits = { ...LIMITS, ...kept.limits };
        let sound = kept.sound === true;
        let told = null; // the last answer
        let day = null; // the last answer about the day so far
        let failed = null;
        let alarmed = new Set();
        const parts = new Map(); // block -> its text when it was drawn last

        const blocks = () => {
            const asked = (state.get("blocks") || kept.blocks || "").split(",").filter((name) => BLOCKS.includes(name));
            return asked.length ? asked : BLOCKS;
        };
        const isTv = () => state.get("tv") === "1";
        const root = document.documentElement;
        root.classList.toggle("is-tv", isTv());
        journal.onLeave(() => root.classList.remove("is-tv"));

        const read = journal.coalesce(async () => {
            const asked = Date.now();
            try {
                const answer = await journal.request("/api/live/board");
                if (!isHere()) return;
                window.callboard.serverTold(answer.at, asked);
                told = answer;
                failed = null;
            } catch (error) {
                failed = error;
            }
            if (isHere()) draw();
        }, PAUSE_MS);

        const readDay = journal.coalesce(async () => {
            try {
                day = await journal.request("/api/live/day");
            } catch {
                return; // what goes on now tells what is wrong
            }
            if (isHere()) draw();
        });

        journal.hints({ live: read, presence: read });
        journal.listen(document, "callboard:links", read);
        journal.listen(document, "callboard:state", () => (draw(), window.callboard.isLive() && read()));
        state.onChange(() => (root.classList.toggle("is-tv", isTv()), parts.clear(), tools(), draw()));
        const ticking = setInterval(() => isHere() && tick(), journal.CLOCK_MS);
        const latest = setInterval(() => isHere() && read(), LATEST_MS);
        const daily = setInterval(() => isHere() && readDay(), DAY_MS);
        journal.onLeave(() => [ticking, latest, daily].forEach(clearInterval));
        journal.keyboard({ f: tv, Escape: () => (isTv() ? tv() : false) });
        tools();
        read();
        readDay();

        // ------------------------------------------------------------ what the screen shows

        function tools() {
            const option = (name) =>
                el(
                    "label",
                    { class: "lb-option" },
                    el("input", {
                        type: "checkbox",
                        checked: blocks().includes(name),
                        onchange: (event) => {
                            const chosen = BLOCKS.filter((one) => (one === name ? event.target.checked : blocks().includes(one)));
                            save({ blocks: chosen.join(",") });
                            state.set({ blocks: chosen.length === BLOCKS.length ? null : chosen.join(",") });
                        },
                    }),
                    t(`block.${name}`),
                );
            const limit = (name) =>
                el(
                    "label",
                    { class: "lb-option" },
                    t(`limit.${name}`),
                    el("input", {
                        type: "number", class: "j-input lb-limit", min: 0, max: 3600, value: limits[name],
                        onchange: (event) => {
                            limits[name] = Math.max(0, Number(event.target.value) || 0);
                            save({ limits });
                            parts.clear();
                            draw();
                        },
                    }),
                );
            const audible = el("input", {
                type: "checkbox", checked: sound,
                onchange: (event) => {
                    sound = event.target.checked;
                    save({ sound });
                    if (sound) window.callboard.beep(1);
                },
            });
            const open = place("live-tools").querySelector("details[open]") !== null;
            journal.fill(
                place("live-tools"),
                el(
                    "details",
                    { class: "lb-settings", open },
                    el("summary", { class: "button" }, icon("gear"), t("settings")),
                    el(
                        "div",
                        { class: "lb-sheet card-box" },
                        BLOCKS.map(option),
                        el("hr"),
                        Object.keys(LIMITS).map(limit),
                        el("label", { class: "lb-option" }, audible, t("sound")),
                    ),
                ),
                el("button", { type: "button", class: "button", onclick: tv, title: t("tv-hint") }, icon("box-arrow-up-right"), t(isTv() ? "tv-off" : "tv")),
            );
        }

        function save(part) {
            Object.assign(kept, part);
            window.callboard.prefer("board.layout", JSON.stringify(kept)).catch(() => {});
        }

        function tv() {
            const on = !isTv();
            state.set({ tv: on ? "1" : null });
            if (on && root.requestFullscreen) root.requestFullscreen().catch(() => {});
            else if (!on && document.fullscreenElement) document.exitFullscreen().catch(() => {});
        }

        // ------------------------------------------------------------ drawing

        function trouble() {
            if (!window.callboard.isLive()) return ["wifi-off", t("stale.server")];
            if (failed && !told) return ["exclamation-triangle", failed.message];
            if (failed) return ["database-exclamation", failed.message];
            if (!told) return null;
            if (!told.links.length) return ["cloud-slash", t("stale.nothing")];
            const bad = told.links.filter((link) => link.standing !== "up");
            return bad.length ? ["cloud-slash", bad.map((link) => t(`stale.${link.standing}`, { pbx: link.pbx })).join(" ")] : null;
        }

        function draw() {
            const bad = trouble();
            const box = place("live-stale");
            const words = bad ? bad[1] : "";
            if (box.dataset.words !== words) {
                box.dataset.words = words;
                journal.fill(box, bad && el("div", { class: "lb-stale" }, icon(bad[0]), bad[1], told && told.links.length > 0 && el("span", {}, t("stale.last"))));
            }
            const board = place("live-board");
            if (!told && !bad) return; // the board is still being asked for: what stands there says so
            board.classList.toggle("is-stale", Boolean(bad));
            if (!told || (!told.is_known && !told.links.length)) {
                parts.clear();
                journal.fill(board, bad && el("div", { class: "state" }, icon("cloud-slash"), el("h2", {}, t("unknown")), el("p", {}, t("unknown-hint"))));
                return;
            }
            const wanted = blocks();
            if ([...board.children].map((one) => one.dataset.block).join() !== wanted.join()) {
                parts.clear();
                journal.fill(board, wanted.map((name) => el("section", { class: `lb-block lb-${name} card-box`, "data-block": name, "aria-label": t(`block.${name}`) })));
            }
            for (const name of wanted) {
                const data = JSON.stringify(picture[name].data());
                if (parts.get(name) === data) continue; // what stands as it was is left alone
                const section = board.querySelector(`[data-block="${name}"]`);
                if (section.contains(document.activeElement) && document.activeElement.closest(".lb-acts")) continue;
                parts.set(name, data);
                journal.fill(section, el("h2", {}, t(`block.${name}`)), picture[name].show());
            }
            alarm();
            tick();
        }

        const clock = (since, extra) => el("span", { class: "number lb-clock", "data-since": since, ...extra });

        function tick() {
            const now = window.callboard.serverNow();
            const board = place("live-board");
            const isStale = board.classList.contains("is-stale");
            for (const each of board.querySelectorAll("[data-since]")) {
                if (isStale && each.textContent) continue; // clocks stand where it was known last
                const seconds = Math.max(0, Math.floor((now - new Date(each.dataset.since)) / 1000));
                const text = journal.duration(seconds);
                if (each.textContent !== text) each.textContent = text;
                if (each.dataset.limit) each.classList.toggle("is-alarm", seconds >= limits.wait_s);
            }
            alarm();
        }

        const level = (share) => (share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`);
        const isLow = (share) => share !== null && share !== undefined && share * 100 < limits.level;

        function figure(word, value, more, alarmed) {
            return el(
                "div",
                { class: `lb-figure${alarmed ? " is-alarm" : ""}` },
                el("div", { class: "lb-word" }, word),
                el("div", { class: "lb-value number" }, value),
                more && el("div", { class: "lb-more number" }, more),
            );
        }

        const usual = (count) => t("usual", { n: journal.number(Math.round(count.usual)) });

        const picture = {
            today: {
                data: () => [day, limits.level],
                show: () => {
                    const words = ["external", "accepted", "missed", "level", "asa"];
                    if (!day) return el("div", { class: "lb-figures" }, words.map((name) => figure(t(`today.${name}`), "–", " ")));
                    return el(
                        "div",
                        { class: "lb-figures" },
                        figure(t("today.external"), journal.number(day.external.now), usual(day.external)),
                        figure(t("today.accepted"), journal.number(day.accepted.now), usual(day.accepted)),
                        figure(t("today.missed"), journal.number(day.missed.now), usual(day.missed), day.missed.now > day.missed.usual * 1.5 && day.missed.now > 2),
                        figure(t("today.level"), level(day.service_level), null, isLow(day.service_level)),
                        figure(t("today.asa"), day.asa === null ? "–" : journal.duration(day.asa)),
                    );
                },
            },
            queues: {
                data: () => [told.queues, day && day.queues, limits],
                show: () =>
                    told.queues.length
                        ? el(
                              "div",
                              { class: "lb-scroll" },
                              el(
                                  "table",
                                  { class: "lb-table" },
                                  el("thead", {}, el("tr", {}, ["queue", "waiting", "longest", "free", "busy", "paused", "out", "level"].map((name) => el("th", { scope: "col", class: name === "queue" ? "" : "number" }, t(`queue.${name}`))))),
                                  el("tbody", {}, told.queues.map(queue)),
                              ),
                          )
                        : nothing("queues"),
            },
            calls: {
                data: () => told.calls.map((one) => [one.call_id, one.state, one.state_since_at, one.people, one.queue, one.client, one.number_text]),
                show: () =>
                    told.calls.length
                        ? [
                              el("ul", { class: "lb-list" }, told.calls.slice(0, MOST_CALLS).map(call)),
                              told.calls.length > MOST_CALLS && el("p", { class: "j-hint" }, t("more", { n: told.calls.length - MOST_CALLS })),
                          ]
                        : nothing("calls"),
            },
            employees: {
                data: () => [told.employees, told.members, config.membership],
                show: people,
            },
            lines: {
                data: () => told.lines,
                show: () =>
                    told.lines.length
                        ? el("ul", { class: "lb-list" }, told.lines.map((line) => el("li", { class: "lb-row" }, el("span", { class: "j-grow" }, line.title), el("span", { class: "number lb-strong" }, line.used))))
                        : nothing("lines"),
            },
        };

        const nothing = (name) => el("p", { class: "muted lb-none" }, t(`none.${name}`));

        function queue(one) {
            const today = (day && day.queues[one.queue]) || {};
            const many = one.waiting >= limits.waiting && one.waiting > 0;
            // On a phone each figure stands under its own word.
            const cell = (name, value, kind) => el("td", { class: `number ${kind || ""}`, "data-word": t(`queue.${name}`) }, value);
            return el(
                "tr",
                { "data-queue": one.queue },
                el("th", { scope: "row" }, one.title),
                cell("waiting", one.waiting, many ? "is-alarm lb-strong" : "lb-strong"),
                cell("longest", one.waits_since ? clock(one.waits_since, { "data-limit": "wait" }) : "–"),
                cell("free", one.free, one.free > 0 ? "is-free" : one.waiting > 0 ? "is-alarm" : ""),
                cell("busy", one.busy),
                cell("paused", one.paused),
                cell("out", one.out),
                cell("level", level(today.service_level), isLow(today.service_level) ? "is-alarm" : ""),
            );
        }

        function call(one) {
            const kind = { inbound: "arrow-down-left", outbound: "arrow-up-right", internal: "arrow-left-right" }[one.direction];
            const who = one.client || one.number_text || one.caller_name || t("hidden-number");
            const people = one.people.map((person) => person.name || person.extension).join(", ");
            return el(
                "li",
                { class: `lb-row lb-call is-${one.state}`, "data-call": one.call_id },
                el("span", { class: "lb-kind", title: t(`direction.${one.direction}`) }, icon(kind), el("span", { class: "visually-hidden" }, t(`direction.${one.direction}`))),
                el("span", { class: "j-grow lb-who" }, one.direction === "internal" ? people : who, one.direction !== "internal" && people && el("span", { class: "lb-more" }, people), one.queue && el("span", { class: "lb-more" }, one.queue)),
                el("span", { class: "lb-state" }, t(`call.${one.state}`)),
                clock(one.state_since_at),
            );
        }

        function people() {
            if (!told.employees.length) return nothing("employees");
            const counts = ORDER.map((name) => [name, told.employees.filter((one) => one.doing === name).length]);
            const sorted = [...told.employees].sort((a, b) => ORDER.indexOf(a.doing) - ORDER.indexOf(b.doing) || a.extension.localeCompare(b.extension));
            return [
                el("div", { class: "lb-counts" }, counts.filter(([, count]) => count).map(([name, count]) => el("span", { class: `pill lb-is-${name}` }, icon(ICONS[name]), `${t(`doing.${name}`)}: ${count}`))),
                el("ul", { class: "lb-list lb-people" }, sorted.slice(0, MOST_PEOPLE).map(person)),
            ];
        }

        function person(one) {
            const seats = told.members.filter((member) => member.extension === one.extension);
            return el(
                "li",
                { class: `lb-row lb-is-${one.doing}`, "data-extension": one.extension },
                icon(ICONS[one.doing]),
                el("span", { class: "j-grow lb-who" }, one.name || one.extension, el("span", { class: "lb-more number" }, [one.extension, ...one.queues].join(" · "))),
                el("span", { class: "lb-state" }, one.detail ? `${t(`doing.${one.doing}`)}: ${one.detail}` : t(`doing.${one.doing}`)),
                one.since_at && clock(one.since_at),
                !isTv() && config.membership === null && seats.length > 0 && window.callboard.seatButtons && el("span", { class: "lb-acts" }, window.callboard.seatButtons(seats, t)),
            );
        }

        // ------------------------------------------------------------ thresholds

        function alarm() {
            if (!told || !told.is_known || trouble()) return;
            const now = window.callboard.serverNow();
            const present = new Set();
            for (const one of told.queues) {
                if (one.waiting > 0 && one.waiting >= limits.waiting) present.add(`${one.queue} many`);
                if (one.waits_since && (now - new Date(one.waits_since)) / 1000 >= limits.wait_s) present.add(`${one.queue} long`);
            }
            const isNews = [...present].some((name) => !alarmed.has(name));
            alarmed = present;
            if (isNews && sound && blocks().includes("queues")) window.callboard.beep(2);
        }
    }

    Object.assign((window.dash_clientside.board = window.dash_clientside.board || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
