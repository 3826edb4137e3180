// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// The console's first page: who charges now, what money moved today, what needs a person.
package struct OverviewScreen: Sendable {
    /// Money of the day, per currency.
    package struct MoneyToday: Hashable, Sendable {
        /// What sessions of today owe, gross.
        package var owed: [Money]
        /// What gateways and wallets confirmed today.
        package var received: [Money]
        /// What is reserved at this moment.
        package var held: [Money]

        /// Money of the day, per currency.
        package init(owed: [Money], received: [Money], held: [Money]) {
            self.owed = owed
            self.received = received
            self.held = held
        }
    }

    /// One of the first steps of a new organisation.
    package struct Step: Hashable, Sendable {
        /// What to do.
        package var name: String
        /// How.
        package var detail: String
        /// Whether it is done.
        package var isDone: Bool

        /// One of the first steps.
        package init(name: String, detail: String, isDone: Bool) {
            self.name = name
            self.detail = detail
            self.isDone = isDone
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// Money of the day.
    package var money: MoneyToday
    /// Sessions that run or start.
    package var sessions: [SessionRow]
    /// All stations, or the first of them.
    package var stations: [StationRow]
    /// The oldest questions for a person.
    package var work: [WorkRow]
    /// A point's code, to start a first session with.
    package var samplePoint: String?
    /// Where stations connect.
    package var socket: String
    /// What a new organisation still lacks; empty when it has everything.
    package var steps: [Step]

    /// The console's first page: what every organisation has; the others are set afterwards.
    package init(frame: ConsoleFrame, money: MoneyToday, socket: String) {
        self.frame = frame
        self.money = money
        self.socket = socket
        sessions = []
        stations = []
        work = []
        steps = []
    }

    private var now: Instant { frame.now }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        var live = SessionRow.liveTable(sessions, shown, now: now)
        live.emptyLink = samplePoint.map { (words(.openAPoint), .point(code: $0)) }
        let gaps: Gaps = [
            "tiles": tiles(shown), "live": live.gaps,
            "stations": StationRow.table(stations, socket: socket, shown).gaps,
            "work": WorkRow.table(work, shown, now: now).gaps,
            "badge": words(.updated, ["age": "0"]),
            "checklist": steps.isEmpty || steps.allSatisfy(\.isDone)
                ? nil : ["items": steps.map(\.gaps)] as Gaps,
        ]
        let head = PageHead(title: words(.overview), live: (.consoleEvents, event(shown)))
        return frame.page(head, .overview, gaps, at: .console, shown)
    }

    /// The event of this moment for the console's stream.
    package func event(_ shown: Shown) -> LiveEvent {
        var rendered: [String: String] = [:]
        for tile in Tile.allCases { rendered[tile.rawValue] = value(tile, shown) }
        for row in sessions {
            for text in SessionRow.LiveText.allCases {
                rendered[row.key(text)] = row.text(text, shown, now: now)
            }
        }
        return LiveEvent(state: liveState, rendered: rendered, used: nil, ageSeconds: 0)
    }

    /// Changes whenever a row appears, disappears or changes its state; numbers are replaced in place.
    private var liveState: String {
        let parts =
            sessions.map { "\($0.id.text)=\($0.status)" }
            + stations.map { "\($0.id.text)=\($0.presence.isOnline)\($0.points.map(\.status))" }
            + work.map(\.object)
        let hash = parts.joined(separator: ";").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return String(hash, radix: 36)
    }

    // MARK: tiles

    private enum Tile: String, CaseIterable { case owed, received, held, work }

    private func tiles(_ shown: Shown) -> [Gaps] {
        Tile.allCases.map { tile in
            let (name, note, url) = label(tile, shown)
            return [
                "name": name, "note": note, "url": url.path, "live": tile.rawValue,
                "value": value(tile, shown),
            ]
        }
    }

    private func value(_ tile: Tile, _ shown: Shown) -> String {
        switch tile {
        case .owed: shown.money(money.owed)
        case .received: shown.money(money.received)
        case .held: shown.money(money.held)
        case .work: String(frame.openWork)
        }
    }

    private func label(_ tile: Tile, _ shown: Shown) -> (name: String, note: String, url: SiteURL) {
        let words = shown.words
        switch tile {
        case .owed: return (words(.owedToday), words(.owedNote), .list(.sessions))
        case .received: return (words(.receivedToday), words(.receivedNote), .list(.ledger))
        case .held: return (words(.heldNow), words(.heldNote), .list(.payments))
        case .work:
            let oldest = work.map(\.openedAt).min().map { shown.age(now - $0) }
            let note = oldest.map { words(.workNote, ["age": $0]) } ?? words(.nothingToDo)
            return (words(.workOpen), note, .list(.work))
        }
    }
}

extension StationRow.Presence {
    fileprivate var isOnline: Bool {
        if case .online = self { return true }
        return false
    }
}

extension OverviewScreen.Step {
    fileprivate var gaps: Gaps { ["name": name, "detail": detail, "state": isDone ? "done" : "todo"] }
}
