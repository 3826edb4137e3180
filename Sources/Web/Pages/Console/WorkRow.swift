// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A question for a person as a line of the console's lists.
package struct WorkRow: Hashable, Sendable {
    /// Which.
    package var id: WorkItemID
    /// Why it was opened, as the API names it.
    package var reason: String
    /// What happened, in a sentence.
    package var detail: String
    /// What it is about: an id.
    package var object: String
    /// The session it is about, if it is about one.
    package var session: SessionID?
    /// Since when it waits.
    package var openedAt: Instant
    /// What is at stake, if it is money.
    package var amount: Money?
    /// What a person answered; nil while it is open.
    package var answer: Answer?

    /// What a person answered.
    package struct Answer: Hashable, Sendable {
        /// As the API names it.
        package var decision: String
        /// Whose key it was.
        package var by: String?
        /// When.
        package var at: Instant?
        /// What they wrote about it.
        package var note: String?

        /// What a person answered.
        package init(decision: String, by: String?, at: Instant?, note: String?) {
            self.decision = decision
            self.by = by
            self.at = at
            self.note = note
        }
    }

    /// A question for a person.
    package init(
        id: WorkItemID, reason: String, detail: String, object: String, session: SessionID?,
        openedAt: Instant, amount: Money?
    ) {
        self.id = id
        self.reason = reason
        self.detail = detail
        self.object = object
        self.session = session
        self.openedAt = openedAt
        self.amount = amount
    }

    static func table(_ rows: [WorkRow], _ shown: Shown, now: Instant) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.work),
            columns: [
                .init(words(.columnWhy)), .init(words(.columnAbout)),
                .init(words(.columnSince), isShort: true),
                .init(words(.columnAtStake), isNumber: true), .init(words(.columnAnswer)),
            ],
            rows: rows.map { row in
                [
                    .state(shown.status(row.reason), .warn, detail: row.detail),
                    row.session.map { .link(row.object, .session($0)) } ?? .text(row.object),
                    .text(shown.age(now - row.openedAt), detail: shown.dateAndClock(row.openedAt)),
                    .text(row.amount.map { shown.money($0) } ?? "–"), row.answerCell(shown),
                ]
            }, empty: words(.nothingToDo))
    }

    /// The buttons of an open question, or what was answered.
    private func answerCell(_ shown: Shown) -> ConsoleTable.Cell {
        guard let answer else { return .decide(id) }
        let when = answer.at.map { shown.dateAndClock($0) }
        return .text(
            shown.status(answer.decision),
            detail: [when, answer.by, answer.note].compactMap { $0 }.joined(separator: " · "))
    }
}
