// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
import Synchronization

/// What this node remembers of the sessions that go on at its stations, so that a reading costs one append to the database
/// and no look-up (swift.md §4).
///
/// Nothing here is the truth: facts are stored before they are answered, and every start of the server folds the open
/// sessions anew. An entry only says where the facts of a message belong.
package final class RunningSessions: Sendable {
    /// How a station names a session.
    struct Name: Hashable {
        let station: StationID
        let reference: TransactionReference
    }

    /// One session that goes on.
    struct Entry: Hashable {
        let session: SessionID
        /// The number it has at its station.
        let number: Int64
        /// The token it was started with, folded; nil if none was told here.
        var token: String?
        /// What is said of that token when it comes again.
        var tokenAnswer: TokenAnswer?
        /// Whether its EVSE was told; the message that tells it places the session (C43).
        let isPlaced: Bool
        /// Whether somebody pays for it: then its end has a cost, and takes the long way.
        var isPriced: Bool
        /// The cost so far, as far as it was rated.
        var cost: Money?
    }

    /// What is known of one station.
    private struct Visit {
        var entries: [TransactionReference: Entry] = [:]
        /// Its last messages, by their ids.
        var recent: [Int] = []
    }

    private struct State {
        var visits: [StationID: Visit] = [:]
        var names: [SessionID: Name] = [:]
        /// Sessions with facts that are not folded yet, with their stations.
        var unfolded: [SessionID: StationID] = [:]
        /// Sessions whose end is among the facts that are not folded yet.
        var ended: Set<SessionID> = []
    }

    /// More sessions than any node serves; beyond it all is forgotten and looked up again.
    private static let limit = 200_000
    /// How many message ids of a station are remembered: a repetition goes the long way.
    private static let remembered = 16

    private let state = Mutex(State())

    package init() {}

    /// The session of a message, if it is known and the message was not heard before.
    func entry(_ name: Name, messageID: String) -> Entry? {
        let hash = messageID.hashValue
        return state.withLock { state in
            guard let visit = state.visits[name.station], let entry = visit.entries[name.reference],
                !visit.recent.contains(hash)
            else { return nil }
            if visit.recent.count >= Self.remembered { state.visits[name.station]?.recent.removeFirst() }
            state.visits[name.station]?.recent.append(hash)
            return entry
        }
    }

    /// A message about a session went the long way: from now on the short one is open. Where a session begins, others of
    /// the station may be over.
    func note(_ entry: Entry, as name: Name, isStart: Bool) {
        state.withLock { state in
            if state.names.count >= Self.limit {
                state.visits = [:]
                state.names = [:]
            }
            if isStart {
                for other in state.visits[name.station]?.entries.values ?? [:].values {
                    state.names[other.session] = nil
                }
                state.visits[name.station]?.entries = [:]
            }
            state.visits[name.station, default: Visit()].entries[name.reference] = entry
            state.names[entry.session] = name
        }
    }

    /// The session is over, or not what we thought.
    func forget(_ session: SessionID) {
        state.withLock { state in
            state.ended.remove(session)
            guard let name = state.names.removeValue(forKey: session) else { return }
            state.visits[name.station]?.entries[name.reference] = nil
        }
    }

    /// What the session costs by now.
    func price(_ session: SessionID, _ cost: Money?, isPriced: Bool) {
        state.withLock { state in
            guard let name = state.names[session] else { return }
            state.visits[name.station]?.entries[name.reference]?.cost = cost
            state.visits[name.station]?.entries[name.reference]?.isPriced = isPriced
        }
    }

    /// Facts were stored that its fold does not know yet, its end perhaps among them.
    package func mark(_ session: SessionID, at station: StationID, hasEnded: Bool = false) {
        state.withLock { state in
            state.unfolded[session] = station
            if hasEnded { state.ended.insert(session) }
        }
    }

    /// Whether its end was told, and will be folded within the second.
    func isEnding(_ session: SessionID) -> Bool { state.withLock { $0.ended.contains(session) } }

    /// Takes all sessions that are to be folded.
    func takeUnfolded() -> [(session: SessionID, station: StationID)] {
        state.withLock { state in
            defer { state.unfolded = [:] }
            return state.unfolded.map { ($0.key, $0.value) }
        }
    }

    /// Takes those whose fold somebody waits for: they have ended, or somebody pays for them. What nobody pays for can wait.
    func takeUrgent() -> [(session: SessionID, station: StationID)] {
        state.withLock { state in
            let urgent = state.unfolded.filter { session, station in
                guard !state.ended.contains(session), let name = state.names[session] else { return true }
                return state.visits[station]?.entries[name.reference]?.isPriced ?? true
            }
            for session in urgent.keys { state.unfolded[session] = nil }
            return urgent.map { ($0.key, $0.value) }
        }
    }
}
