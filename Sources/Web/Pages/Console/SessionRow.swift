// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A session as a line of the console's lists.
package struct SessionRow: Hashable, Sendable {
    /// Which.
    package var id: SessionID
    /// The code of its charging point.
    package var code: String
    /// Where the point is, e.g. site and EVSE id.
    package var place: String
    /// Who pays.
    package var payer = Payer.guest
    /// Its state, as the machine names it.
    package var status: String
    /// When it began.
    package var startedAt: Instant
    /// When it ended; nil while it runs.
    package var endedAt: Instant?
    /// What was charged so far.
    package var energy: Energy
    /// The power now, if the charger tells.
    package var power: Power?
    /// What it costs so far, or in the end; nil before it is priced.
    package var cost: Money?

    /// Who pays for a session.
    package enum Payer: Hashable, Sendable {
        /// Somebody without an account.
        case guest
        /// An account, by its name.
        case account(String)
        /// The session has no price.
        case nobody

        func shown(_ words: Words) -> String {
            switch self {
            case .guest: words(.guest)
            case .account(let name): name
            case .nobody: words(.nobody)
            }
        }
    }

    /// A session as a line: the values every session has; the others are set afterwards.
    package init(
        id: SessionID, code: String, place: String, status: String, startedAt: Instant, energy: Energy
    ) {
        self.id = id
        self.code = code
        self.place = place
        self.status = status
        self.startedAt = startedAt
        self.energy = energy
    }
}

extension SessionRow {
    /// Names of the texts that the console's stream replaces in this row.
    enum LiveText: String, CaseIterable {
        case cost, energy, power, duration
    }

    func key(_ text: LiveText) -> String { "\(id.text).\(text.rawValue)" }

    func text(_ text: LiveText, _ shown: Shown, now: Instant) -> String {
        switch text {
        case .cost: cost.map { shown.money($0) } ?? "–"
        case .energy: shown.energy(energy)
        case .power: shown.power(power)
        case .duration: shown.duration((endedAt ?? now) - startedAt)
        }
    }

    /// Sessions that run, with numbers that change and a button.
    static func liveTable(_ rows: [SessionRow], _ shown: Shown, now: Instant) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.liveSessions),
            columns: [
                .init(words(.columnPoint)), .init(words(.columnState)),
                .init(words(.columnSince), isShort: true),
                .init(words(.columnPayer)), .init(words(.power), isNumber: true),
                .init(words(.energy), isNumber: true), .init(words(.columnTotal), isNumber: true),
                .init(words(.columnAction), isNumber: true),
            ],
            rows: rows.map { row in
                [
                    .link(row.code, .session(row.id), detail: row.place),
                    .state(shown.status(row.status), Tone(status: row.status)),
                    .live(
                        row.text(.duration, shown, now: now), key: row.key(.duration),
                        detail: shown.clock(row.startedAt)), .text(row.payer.shown(words)),
                    .live(row.text(.power, shown, now: now), key: row.key(.power)),
                    .live(row.text(.energy, shown, now: now), key: row.key(.energy)),
                    .live(row.text(.cost, shown, now: now), key: row.key(.cost)),
                    .stop(words(.stop), row.id),
                ]
            }, empty: words(.nobodyCharges))
    }

    /// Sessions of any state.
    static func table(_ rows: [SessionRow], _ shown: Shown, now: Instant) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.sessions),
            columns: [
                .init(words(.columnStarted), isShort: true), .init(words(.columnPoint)),
                .init(words(.columnState)),
                .init(words(.columnPayer)), .init(words(.columnDuration), isNumber: true),
                .init(words(.energy), isNumber: true), .init(words(.columnTotal), isNumber: true),
            ],
            rows: rows.map { row in
                [
                    .link(shown.dateAndClock(row.startedAt), .session(row.id)),
                    .text(row.code, detail: row.place),
                    .state(shown.status(row.status), Tone(status: row.status)),
                    .text(row.payer.shown(words)), .text(row.text(.duration, shown, now: now)),
                    .text(row.text(.energy, shown, now: now)), .text(row.text(.cost, shown, now: now)),
                ]
            }, empty: words(.noSessions))
    }
}
