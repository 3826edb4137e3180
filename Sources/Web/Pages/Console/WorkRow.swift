// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A question for a person as a line of the console's lists.
package struct WorkRow: Sendable {
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
    /// What can be answered, as the API names it, the most usual first.
    package var decisions: [String] = []
    /// What it is decided by.
    package var facts: [Fact] = []
    /// Sessions that it may belong to.
    package var candidates: [String] = []
    /// What happens by itself, and when, if nobody decides.
    package var standard: (decision: String, at: Instant)?

    /// One of the facts.
    package struct Fact: Hashable, Sendable {
        /// As the API names it, e.g. `energy_wh`.
        package var name: String
        /// As a text.
        package var value: String

        /// One of the facts.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

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
                let facts = row.shownFacts(shown)
                return [
                    .state(shown.status(row.reason), .warn, detail: row.detail),
                    row.session.map { .link(Self.short($0.text), .session($0), detail: facts) }
                        ?? .text(row.object, detail: facts),
                    .text(shown.age(now - row.openedAt), detail: shown.dateAndClock(row.openedAt)),
                    .text(row.amount.map { shown.money($0) } ?? "–"), row.answerCell(shown),
                ]
            }, empty: words(.nothingToDo))
    }

    /// Enough of a long name to tell it from others; the link has the whole.
    private static func short(_ id: String) -> String { "\(id.prefix(4))…\(id.suffix(6))" }

    private func shownFacts(_ shown: Shown) -> String? {
        var texts = facts.map { "\(shown.status($0.label)) \($0.shown(shown))" }
        if let standard {
            let name = Self.name(of: standard.decision, shown)
            let date = shown.dateAndClock(standard.at)
            texts.append(
                shown.words(.whenNobody) + ": " + shown.words(.byDefault, ["decision": name, "date": date]))
        }
        return texts.isEmpty ? nil : texts.joined(separator: " · ")
    }

    /// The buttons of an open question, or what was answered.
    private func answerCell(_ shown: Shown) -> ConsoleTable.Cell {
        guard let answer else { return .decide(WorkForm(self, shown)) }
        let when = answer.at.map { shown.dateAndClock($0) }
        return .text(
            Self.name(of: answer.decision, shown),
            detail: [when, answer.by, answer.note].compactMap { $0 }.joined(separator: " · "))
    }

    /// A decision as people read it.
    static func name(of decision: String, _ shown: Shown) -> String {
        names[decision].map { shown.words($0) } ?? shown.status(decision)
    }

    private static let names: [String: Word] = [
        "attach": .decideAttach, "bill_from_register": .decideFromRegister,
        "bill_as_measured": .decideAsMeasured,
        "bill_energy": .decideEnergy, "bill_to_account": .decideToAccount,
        "bill_energy_only": .decideEnergyOnly, "correct_times": .decideCorrectTimes,
        "first_stop": .decideFirstStop, "second_stop": .decideSecondStop, "last_sample": .decideLastSample,
        "waive": .decideWaive, "credit": .decideCredit, "charge": .decideCharge, "ignore": .decideIgnore,
        "read_again": .decideReadAgain, "ask_station": .decideAskStation, "release_hold": .decideReleaseHold,
        "close": .decideClose, "done": .decisionDone, "nothing_to_do": .decisionNothing,
    ]
}

extension WorkRow.Fact {
    /// Its name without the unit, which the value has.
    fileprivate var label: String {
        for unit in ["_wh", "_at"] where name.hasSuffix(unit) { return String(name.dropLast(3)) }
        return name
    }

    /// Energies and times as they are shown everywhere; all else as it is.
    fileprivate func shown(_ shown: Shown) -> String {
        if name.hasSuffix("_wh"), let wattHours = Int64(value) {
            return shown.energy(Energy(wattHours: wattHours))
        }
        if name.hasSuffix("_at"), let instant = Instant(iso8601: value) { return shown.dateAndClock(instant) }
        return value
    }
}

/// The form that answers a question: a button for each decision, the fields that some of them need, and the reason, which
/// is filled in so that one click is enough.
struct WorkForm: Sendable {
    private let item: WorkItemID
    private let decisions: [(value: String, name: String)]
    private let candidates: [String]
    private let reason: String

    init(_ row: WorkRow, _ shown: Shown) {
        item = row.id
        decisions = row.decisions.map { ($0, WorkRow.name(of: $0, shown)) }
        candidates = row.candidates
        reason = shown.status(row.reason)
    }

    private func offers(_ some: String...) -> Bool { decisions.contains { some.contains($0.value) } }

    /// The gaps of the form in `table.mustache`.
    var gaps: Gaps {
        [
            "action": SiteURL.decideWork(item).path, "reason": reason,
            "wh": offers("bill_energy", "bill_from_register"),
            "times": offers("correct_times"),
            "account": offers("bill_to_account", "bill_from_register"),
            "sessions": offers("attach") && !candidates.isEmpty ? candidates as Any : false as Any,
            "session": offers("attach") && candidates.isEmpty,
            "buttons": decisions.map { ["value": $0.value, "name": $0.name] as Gaps },
        ]
    }
}
