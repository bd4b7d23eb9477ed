/* What happens now: hints from /events, the running calls on top, and the chip that counts new calls. */
(function () {
    "use strict";

    const journal = window.callboardJournal;

    /** handlers by topic ("calls", "live", "comments", "clients"), each given the ids of the hint; none: any. */
    journal.hints = function (handlers) {
        // The shell keeps the stream of hints, one for all tabs, and passes each on as an event.
        for (const [topic, handler] of Object.entries(handlers)) {
            journal.listen(document, `callboard:${topic}`, (event) => handler(event.detail.ids || []));
        }
    };

    /**
     * `read` at once, and once more if it was asked for while it ran: many hints make few requests.
     */
    journal.coalesce = function (read, pause_ms) {
        let running = false;
        let again = false;
        async function run() {
            if (running) {
                again = true;
                return;
            }
            running = true;
            try {
                do {
                    again = false;
                    await read();
                    if (again && pause_ms) await new Promise((done) => setTimeout(done, pause_ms));
                } while (again);
            } finally {
                running = false;
            }
        }
        return run;
    };

    /** Running calls as rows of the grid; filters are the server's business. */
    journal.runningCalls = async function () {
        const { calls } = await journal.request(`/api/calls/live?${journal.state.filters()}`);
        return calls;
    };
})();
