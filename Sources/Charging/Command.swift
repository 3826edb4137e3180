// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something a station was asked to do (charging.md §9): durable, with a deadline after which it is never
/// sent.
package struct Command: Hashable, Sendable, Codable {
    /// Where it stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Waits for its station.
        case queued
        /// On its way; no answer yet.
        case sent
        /// The station will try. It means "asked", never "done".
        case accepted
        /// The station will not.
        case refused
        /// Nobody knows whether the station will try.
        case unknown
        /// The station's own messages told that it happened.
        case done
        /// It did not happen in time.
        case failed
        /// Never sent: its time was over.
        case withdrawn
    }

    /// What can happen to it.
    package enum Event: Hashable, Sendable, Codable {
        case sent
        case accepted
        case refused(reason: String)
        /// No answer in time, or the connection broke after it was sent.
        case silence
        /// What it asked for has happened.
        case done
        /// Its time is over.
        case expired
    }

    /// The event is not possible in this state.
    package struct Refusal: Error, Hashable, Sendable {
        package let state: State
        package let event: Event
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.queued
    /// The station's word for a refusal.
    package private(set) var reason: String?
    /// After this it is never sent.
    package let deadline: Instant

    /// A command that waits.
    package init(deadline: Instant) { self.deadline = deadline }

    /// Whether nothing more can come of it but "done".
    package var isOver: Bool { [.refused, .done, .failed, .withdrawn].contains(state) }

    /// A refusal changes nothing. What happened, happened: `done` is taken in every state.
    package mutating func apply(_ event: Event) throws(Refusal) {
        switch (state, event) {
        case (_, .done): state = .done
        case (.done, _): break
        case (.queued, .sent), (.sent, .sent): state = .sent
        case (.queued, .expired): state = .withdrawn
        case (.sent, .accepted), (.unknown, .accepted): state = .accepted
        case (.accepted, .accepted), (.refused, .refused), (.unknown, .silence): break
        case (.queued, .refused(let reason)), (.sent, .refused(let reason)), (.unknown, .refused(let reason)):
            state = .refused
            self.reason = reason
        case (.sent, .silence), (.queued, .silence): state = .unknown
        case (.sent, .expired), (.accepted, .expired), (.unknown, .expired): state = .failed
        case (.refused, .expired), (.failed, .expired), (.withdrawn, .expired): break
        default: throw Refusal(state: state, event: event)
        }
    }
}
