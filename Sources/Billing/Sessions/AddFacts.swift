// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
import Storage

/// Adds facts to a session and folds it anew. A fact it already has changes nothing.
struct AddFacts {
    let desk: Desk
    /// When they became known.
    let now: Instant
    /// The message that told them; nil for what we or a person decided.
    var frame: FrameID?

    init(desk: Desk, at now: Instant) {
        self.desk = desk
        self.now = now
    }

    init(visit: StationVisit) {
        desk = visit.desk
        now = visit.now
        frame = visit.frame
    }

    /// Returns the session as it is now, saved.
    @discardableResult
    func callAsFunction(_ facts: [Fact], to id: SessionID, in tx: Tx) throws -> SessionRecord {
        guard let session = try tx.lock(SessionRecord.self, id: id) else { throw SessionRefusal.isGone(id) }
        let news = try store(try untold(facts, of: id, in: tx), of: id, isLate: session.isFinal, in: tx)
        guard !news.isEmpty else { return session }
        guard !session.isFinal else {
            try correct(session, after: news, in: tx)
            return session
        }
        var grown = session
        try refold(&grown, with: try tx.factsToFold(of: id), hasNews: true, in: tx)
        if [.ended, .inReview].contains(grown.status) { grown.dueAt = now }
        if grown != session { try tx.update(&grown) }
        tx.note(.session, id.text)
        return grown
    }

    /// Facts were told after the bill was final: they may correct it.
    func correct(_ session: SessionRecord, after news: [Fact], in tx: Tx) throws {
        try CorrectBill(desk: desk).compare(session, in: tx, at: now)
        try LateStop(desk: desk).ask(about: session, news, in: tx, at: now)
    }

    /// Folds a session of all its facts; the caller saves it.
    func refold(_ session: inout SessionRecord, with facts: [Fact], hasNews: Bool, in tx: Tx) throws {
        let folded = Session(folding: facts, under: try Self.rules(of: session, in: tx))
        // Another reading of the same facts, by newer rules, is no news.
        let isNews = folded != session.folded && folded.rulesVersion == session.folded.rulesVersion
        if hasNews || isNews { session.lastFactAt = now }
        session.folded = folded
        session.energy = folded.energy
        session.startedAt = folded.startedAt ?? session.startedAt
        session.endedAt = folded.endedAt
        if folded.endedAt != nil, session.isOpen { session.status = .ended }
    }

    /// Adds the facts that a session was begun with: its fold knows them.
    func first(_ facts: [Fact], of session: SessionRecord, in tx: Tx) throws {
        let placed = facts.placed(at: now).map { (fact: $0, key: $0.contentKey) }
        try tx.insertFirst(placed, of: session.id, frame: frame)
        tx.note(.session, session.id.text)
    }

    /// Those that no message told the short way: a stop repeats the readings of its session.
    private func untold(_ facts: [Fact], of id: SessionID, in tx: Tx) throws -> [Fact] {
        guard !facts.isEmpty else { return [] }
        let told = Set(try tx.factsInFrames(of: id).map(\.content))
        return told.isEmpty ? facts : facts.filter { !told.contains($0.content) }
    }

    /// Stores facts, and says which of them are new.
    private func store(_ facts: [Fact], of id: SessionID, isLate: Bool, in tx: Tx) throws -> [Fact] {
        try facts.placed(at: now).filter { fact in
            try tx.insert(fact, key: fact.contentKey, of: id, frame: frame, isLate: isLate)
        }
    }

    /// What a session is folded under: the limits of its place, its station's clock, and how its meter is read.
    static func rules(of session: SessionRecord, in tx: Tx) throws -> SessionRules {
        let powerMax = try session.evse.flatMap { try tx.find(EVSERecord.self, $0) }?.powerMax
        return SessionRules(
            powerMax: powerMax, clockOffset: session.clockOffset ?? .zero, meter: session.meter)
    }
}

extension SessionRecord {
    /// Whether it goes on.
    var isOpen: Bool { [.starting, .running].contains(status) }

    /// Whether its bill is made: what is told from now on is a correction.
    var isFinal: Bool { finalAt != nil }
}

extension [Fact] {
    /// With their places in the order of receipt: together, one after the other.
    func placed(at receipt: Instant) -> [Fact] {
        enumerated().map { index, fact in
            var placed = fact
            placed.order = receipt.nanoseconds + Int64(index)
            return placed
        }
    }
}

/// Why a session refused something.
package enum SessionRefusal: Error, Hashable {
    /// No such session.
    case isGone(SessionID)
    /// It has ended already.
    case hasEnded(SessionID)
    /// Its station is not connected.
    case stationOffline(StationID)
}
