/* Times, durations and people as they are read; days and hours are those of the office. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const formats = new Map();

    function formatter(options) {
        const key = journal.config.locale + journal.config.zone + JSON.stringify(options);
        if (!formats.has(key)) {
            formats.set(
                key,
                new Intl.DateTimeFormat(journal.config.locale === "en" ? "en-GB" : journal.config.locale, {
                    timeZone: journal.config.zone,
                    ...options,
                }),
            );
        }
        return formats.get(key);
    }

    // Making a format costs a hundred times what using it does, and each row asks for several.
    const iso = (moment) => {
        const parts = formatter({ year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(moment);
        const part = (type) => parts.find((one) => one.type === type).value;
        return `${part("year")}-${part("month")}-${part("day")}`;
    };

    /** The local day of a moment, YYYY-MM-DD. */
    journal.dayOf = (moment) => iso(new Date(moment));
    journal.today = () => iso(new Date());

    /** YYYY-MM-DD moved by whole days: calendar arithmetic, so a day of 23 hours does no harm. */
    journal.addDays = function (day, days) {
        const [year, month, date] = day.split("-").map(Number);
        return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
    };

    journal.clock = (moment, withSeconds) =>
        formatter({ hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) }).format(
            new Date(moment),
        );

    /** "Сегодня, 11:03", "Вчера, 9:15", "6 сен, 17:40", with the year where it is another one. */
    journal.when = function (moment, withSeconds) {
        const day = journal.dayOf(moment);
        const today = journal.today();
        const time = journal.clock(moment, withSeconds);
        if (day === today) return journal.t("today-at", { time });
        if (day === journal.addDays(today, -1)) return journal.t("yesterday-at", { time });
        const sameYear = day.slice(0, 4) === today.slice(0, 4);
        const parts = formatter({ day: "numeric", month: "short", year: "numeric" }).formatToParts(new Date(moment));
        const part = (type) => parts.find((one) => one.type === type).value;
        const date = `${part("day")} ${part("month").replace(".", "").slice(0, 3)}`;
        return `${date}${sameYear ? "" : ` ${part("year")}`}, ${time}`;
    };

    /** The same where a telephone shows it: of today the time alone, of another year the date in figures. */
    journal.whenShort = function (moment) {
        const day = journal.dayOf(moment);
        if (day === journal.today()) return journal.clock(moment);
        if (day.slice(0, 4) === journal.today().slice(0, 4)) return journal.when(moment);
        const figures = { day: "2-digit", month: "2-digit", year: "2-digit" };
        return `${formatter(figures).format(new Date(moment))}, ${journal.clock(moment)}`;
    };

    journal.fullDate = (moment) =>
        formatter({ weekday: "short", day: "numeric", month: "long", year: "numeric" }).format(new Date(moment)) +
        `, ${journal.clock(moment, true)}`;

    /** A day for a chip or button: "22 ноября", with the year where it is another one. */
    journal.dayText = function (day) {
        const sameYear = day.slice(0, 4) === journal.today().slice(0, 4);
        return new Intl.DateTimeFormat(journal.config.locale === "en" ? "en-GB" : journal.config.locale, {
            timeZone: "UTC",
            day: "numeric",
            month: "short",
            ...(sameYear ? {} : { year: "numeric" }),
        })
            .format(new Date(`${day}T00:00:00Z`))
            .replace(/\s?г\.$/, "");
    };

    /** m:ss or h:mm:ss. */
    journal.duration = function (seconds) {
        const whole = Math.max(0, Math.round(seconds));
        const hours = Math.floor(whole / 3600);
        const minutes = Math.floor(whole / 60) % 60;
        const rest = String(whole % 60).padStart(2, "0");
        return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
    };

    journal.talk = (seconds) => (seconds > 0 ? journal.duration(seconds) : "--:--");
    journal.number = (value) => new Intl.NumberFormat(journal.config.locale).format(value).replace(/,/g, " ");

    const person = (one) => one.name || one.extension;

    /** Who had the call: who talked; if nobody did, the group that rang, or who rang, or the application. */
    journal.peopleText = function (row) {
        if (row.group) return row.group;
        if (row.people.length) return row.people.map(person).join(", ");
        return row.application ? journal.word(`application.${row.application}`, row.application) : "";
    };

    /** The members behind a group's name, for the tooltip. */
    journal.peopleHint = function (row) {
        return row.people.map((one) => (one.name ? `${one.name} (${one.extension})` : one.extension)).join("\n");
    };

    journal.clientText = function (row) {
        if (row.client) return row.client;
        if (row.number_text || row.number) return row.number_text || row.number;
        if (row.direction === "internal") return row.caller_name || journal.t("internal-call");
        return journal.t("hidden-number");
    };

    /** The direction as an icon's name and a word; a missed call is a kind of its own. */
    journal.direction = function (row) {
        if (row.missed) return { icon: "telephone-x", kind: "missed", text: journal.t("direction.missed") };
        const icon = { inbound: "arrow-down-left", outbound: "arrow-up-right" }[row.direction] || "arrow-left-right";
        return { icon, kind: row.direction, text: journal.t(`direction.${row.direction}`) };
    };

    const STATUS_ICONS = {
        accepted: "check-circle",
        no_answer: "telephone-x",
        lost: "person-exclamation",
        reached: "telephone-outbound",
        cancelled: "telephone-minus",
    };

    journal.statusBadge = function (status) {
        return journal.el(
            "span",
            { class: `j-status is-${status}` },
            journal.icon(STATUS_ICONS[status] || "circle"),
            journal.t(`status.${status}`),
        );
    };

    /* Clocks show whole seconds; looked at once a second, each would be up to another one behind. */
    journal.CLOCK_MS = 250;

    /** The clock of a running call, for every [data-since] on the page. */
    journal.startClocks = function () {
        const tick = () => {
            for (const node of document.querySelectorAll("[data-since]")) {
                const text = journal.duration((window.callboard.serverNow() - Date.parse(node.dataset.since)) / 1000);
                if (node.textContent !== text) node.textContent = text;
            }
        };
        const timer = setInterval(tick, journal.CLOCK_MS);
        journal.onLeave(() => clearInterval(timer));
        tick();
    };
})();
