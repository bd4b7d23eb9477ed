/* The grid's own datasource: blocks of /api/calls, aborted when superseded, failing where one can see it. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const MOST_BLOCKS = 5; // the server gives no more rows in one answer

    /* One block out of several that came together; `after` tells only whether more follow. */
    function slice(page, { startRow, endRow }) {
        const more = page.rows.length > endRow || (page.rows.length === endRow && page.after);
        return { ...page, rows: page.rows.slice(startRow, endRow), after: more ? page.after || "" : null };
    }

    /**
     * What AG Grid's infinite row model asks for rows.
     *
     * query(): the filters, as the part of the address after "?"; events: loading(start), loaded(page, start,
     * last), failed(error). A block that follows a known one is asked for by its cursor, any other by its offset.
     */
    journal.CallSource = class {
        constructor(query, events) {
            this.query = query;
            this.events = events;
            this.generation = 0;
            this.flying = new Set();
            this.waiting = []; // for nothing to be on its way any more
            this.reset();
        }

        /** Resolves when no block is on its way. */
        idle() {
            return this.flying.size ? new Promise((done) => this.waiting.push(done)) : Promise.resolve();
        }

        /**
         * Forget what was read: the next block shows the newest calls of the present filter and pins the list.
         * blocks: how many are in sight and will be asked for at once; one request then reads them all.
         */
        reset(blocks = 1) {
            this.blocks = Math.min(blocks, MOST_BLOCKS);
            this.head = null; // the first `blocks` blocks, on their way or there
            for (const controller of this.flying) controller.abort();
            this.flying.clear();
            this.generation += 1;
            this.cursors = new Map(); // row -> cursor that gives the block beginning there
            this.until = null;
            this.pinned = null; // resolves when the first answer has pinned the list
        }

        async getRows(params) {
            const generation = this.generation;
            const controller = new AbortController();
            this.flying.add(controller);
            this.events.loading(params.startRow);
            try {
                const page = await this.read(params, controller.signal);
                if (generation !== this.generation) return params.failCallback();
                const last = page.after === null ? params.startRow + page.rows.length : -1;
                params.successCallback(page.rows, last);
                this.events.loaded(page, params.startRow, last);
            } catch (error) {
                params.failCallback();
                if (error.name !== "AbortError" && generation === this.generation) this.events.failed(error);
            } finally {
                this.flying.delete(controller);
                if (!this.flying.size) for (const done of this.waiting.splice(0)) done();
            }
        }

        async read(params, signal) {
            const size = params.endRow - params.startRow;
            const inHead = this.blocks > 1 && params.endRow <= size * this.blocks;
            if (inHead && params.startRow === 0) {
                this.pinned = this.head = this.ask({ ...params, endRow: size * this.blocks }, signal);
            }
            if (inHead && this.head) return slice(await this.head, params);
            // Blocks asked for together must agree on the moment that pins the list: the first one tells it.
            if (this.pinned) await this.pinned.catch(() => null);
            const answer = this.ask(params, signal);
            if (!this.until) this.pinned = answer;
            return answer;
        }

        async ask(params, signal) {
            const asked = new URLSearchParams(this.query());
            const [order] = params.sortModel || [];
            asked.delete("sort");
            if (order) asked.set("sort", `${order.sort === "desc" ? "-" : ""}${order.colId}`);
            asked.set("limit", params.endRow - params.startRow);
            if (this.until) asked.set("until", this.until);
            const cursor = this.cursors.get(params.startRow);
            if (cursor) asked.set("after", cursor);
            else if (params.startRow) asked.set("offset", params.startRow);
            const page = await journal.request(`/api/calls?${asked}`, { signal });
            if (!signal.aborted) {
                this.until = this.until || page.until;
                if (page.after) this.cursors.set(params.startRow + page.rows.length, page.after);
            }
            return page;
        }
    };
})();
