// A page of a person's sessions, and the pages after it, as the SDK's `AutoPaginatable` has them.

export class SessionList {
  object = 'list';
  data;
  listMetadata;
  #next;
  #options;

  constructor(page, userManagement, userId, options = {}) {
    this.data = page.data;
    this.listMetadata = page.listMetadata;
    this.#options = options;
    this.#next = (after) => userManagement.listSessions(userId, { ...options, limit: 100, after });
  }

  /** All sessions, page by page; of one page alone where a limit was asked for. */
  async autoPagination() {
    if (this.#options.limit) return this.data;
    const all = [];
    let page = await this.#next(this.#options.after);
    all.push(...page.data);
    while (page.listMetadata.after) {
      page = await this.#next(page.listMetadata.after);
      all.push(...page.data);
    }
    return all;
  }
}
