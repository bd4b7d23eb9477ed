// The bell: how many tasks are due, and a word at the minute at which somebody wanted to be reminded.
(function () {
    "use strict";
    var callboard = window.callboard;
    var LONGEST_MS = 30 * 60 * 1000; // a clock that was put right, or a machine that slept, is noticed by then
    var KEPT = "callboard-reminded";
    var timer = null;

    function bell() {
        return document.getElementById("shell-bell");
    }

    function reminded() {
        try {
            return JSON.parse(localStorage.getItem(KEPT) || "[]");
        } catch (error) {
            return [];
        }
    }

    // A reminder is told once in this browser, whatever tabs are open.
    function tell(reminder) {
        var key = reminder.task_id + "@" + reminder.remind_at;
        var told = reminded();
        if (told.indexOf(key) >= 0) {
            return;
        }
        try {
            localStorage.setItem(KEPT, JSON.stringify(told.concat([key]).slice(-200)));
        } catch (error) {
            // It is told again after the next page then.
        }
        callboard.toast(callboard.t("tasks.js.reminder", { title: reminder.title }), "plain");
        document.dispatchEvent(new CustomEvent("callboard:reminder", { detail: reminder }));
    }

    function show(summary) {
        var link = bell();
        if (!link) {
            return;
        }
        var badge = link.querySelector(".bell-count");
        badge.textContent = summary.due > 99 ? "99+" : String(summary.due);
        badge.hidden = summary.due === 0;
        link.classList.toggle("is-late", summary.overdue > 0);
        var words = summary.due
            ? callboard.t("tasks.js.bell", { due: summary.due, overdue: summary.overdue })
            : callboard.t("tasks.js.bell_none");
        link.title = words;
        link.setAttribute("aria-label", words);
        var now = Date.now();
        var next = LONGEST_MS;
        summary.reminders.forEach(function (reminder) {
            var wait = new Date(reminder.remind_at).getTime() - now;
            if (wait <= 0) {
                tell(reminder);
            } else {
                next = Math.min(next, wait);
            }
        });
        clearTimeout(timer);
        timer = setTimeout(load, next + 50);
    }

    function load() {
        if (!bell()) {
            return;
        }
        callboard
            .fetch("/api/tasks/summary")
            .then(function (response) {
                return response.ok ? response.json() : null;
            })
            .then(function (summary) {
                if (summary) {
                    show(summary);
                }
            })
            .catch(function () {
                clearTimeout(timer);
                timer = setTimeout(load, LONGEST_MS);
            });
    }

    function start() {
        if (!document.getElementById("shell-live")) {
            setTimeout(start, 100);
            return;
        }
        load();
    }

    document.addEventListener("callboard:tasks", load);
    start();
})();
