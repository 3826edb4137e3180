// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// Who may speak on one socket, and what each reply belongs to (J §4.1, P4 §4.1; C7 to C12).
///
/// Each side may have one call outstanding; the two may cross. Nothing here touches a socket or a clock: events
/// come in with their time, and effects go out.
public struct Conversation: Sendable {
    /// A call of ours, from the moment it is asked for.
    public struct Ask: Hashable, Sendable {
        /// Its id; unique on this socket.
        public let id: MessageID
        /// The message's name.
        public let action: String
        /// Its content.
        public let payload: JSON
        /// Nanoseconds after the epoch at which it is no longer sent.
        public let deadlineNanoseconds: Int64

        public init(id: MessageID, action: String, payload: JSON, deadlineNanoseconds: Int64) {
            self.id = id
            self.action = action
            self.payload = payload
            self.deadlineNanoseconds = deadlineNanoseconds
        }
    }

    /// A call of the station.
    public struct Call: Hashable, Sendable {
        /// Its id; stations use one twice.
        public let id: MessageID
        /// The message's name.
        public let action: String
        /// Its content.
        public let payload: JSON

        public init(id: MessageID, action: String, payload: JSON) {
            self.id = id
            self.action = action
            self.payload = payload
        }
    }

    /// How a call of ours ended.
    public enum Outcome: Hashable, Sendable {
        /// With an answer.
        case result(JSON)
        /// With a refusal.
        case error(Frame.Failure)
        /// With nothing, after it was sent: it may have been done (C5).
        case unknown
        /// It was never sent: its deadline passed, or the socket closed.
        case neverSent
    }

    /// What happens to a conversation.
    public enum Event: Hashable, Sendable {
        /// The station sent a frame.
        case received(Frame)
        /// We have an answer to the station's present call.
        case answered(Frame)
        /// We want to call.
        case asked(Ask)
        /// Time passed.
        case passed
        /// The socket is gone.
        case closed
    }

    /// What a conversation wants done.
    public enum Effect: Hashable, Sendable {
        /// Write this frame.
        case write(Frame)
        /// Find an answer to this call, and come back with `answered`.
        case answer(Call)
        /// Take note of a message that wants no answer.
        case take(Call)
        /// A call of ours ended.
        case ended(Ask, Outcome)
        /// A line for the log; the message is ignored.
        case ignored(Frame, why: String)
    }

    /// Where our own calls stand.
    private enum Ours: Hashable, Sendable {
        case idle
        /// Sent and unanswered; `until` is when we give up.
        case waiting(Ask, until: Int64)
    }

    /// Where the station's calls stand.
    private enum Theirs: Hashable, Sendable {
        case idle
        /// Being answered.
        case answering(Call)
    }

    /// How long a call of ours may stay unanswered: 30 s (charging.md §1).
    public static let callTimeoutNanoseconds: Int64 = 30_000_000_000

    private var ours = Ours.idle
    private var theirs = Theirs.idle
    private var asks: [Ask] = []
    private var calls: [Call] = []
    private var isClosed = false

    public init() {}

    /// Calls of the station that wait for their turn; the door reads more slowly when there are many.
    public var waitingCalls: Int { calls.count }

    /// When time alone would change something, in nanoseconds after the epoch.
    public var nextDeadlineNanoseconds: Int64? {
        var deadlines = asks.map(\.deadlineNanoseconds)
        if case .waiting(_, let until) = ours { deadlines.append(until) }
        return deadlines.min()
    }

    /// What is to be done now that this happened, at `now` nanoseconds after the epoch.
    public mutating func apply(_ event: Event, atNanoseconds now: Int64) -> [Effect] {
        guard !isClosed else { return afterClose(event) }
        switch event {
        case .received(let frame): return receive(frame, now)
        case .answered(let frame): return answer(frame)
        case .asked(let ask):
            asks.append(ask)
            return speak(now)
        case .passed: return timeOut(now) + speak(now)
        case .closed: return close()
        }
    }

    private mutating func receive(_ frame: Frame, _ now: Int64) -> [Effect] {
        switch frame {
        case .call(let id, let action, let payload):
            calls.append(Call(id: id, action: action, payload: payload))
            return listen()
        case .send(let id, let action, let payload):
            return [.take(Call(id: id, action: action, payload: payload))]
        case .callResult(let id, let payload):
            return end(id, with: .result(payload), frame, now)
        case .callError(let id, let failure):
            return end(id, with: .error(failure), frame, now)
        case .callResultError:
            return [.ignored(frame, why: "the station could not use our answer")]
        }
    }

    /// The reply to our call, or one that nobody waits for (C9).
    private mutating func end(
        _ id: MessageID, with outcome: Outcome, _ frame: Frame, _ now: Int64
    ) -> [Effect] {
        guard case .waiting(let ask, _) = ours, ask.id.text == id.text else {
            return [.ignored(frame, why: "a reply to no call of ours")]
        }
        ours = .idle
        return [.ended(ask, outcome)] + speak(now)
    }

    private mutating func answer(_ frame: Frame) -> [Effect] {
        guard case .answering(let call) = theirs, frame.id == call.id else {
            return [.ignored(frame, why: "an answer to no call of the station")]
        }
        theirs = .idle
        return [.write(frame)] + listen()
    }

    /// Takes up the station's next call, if none is being answered.
    private mutating func listen() -> [Effect] {
        guard theirs == .idle, !calls.isEmpty else { return [] }
        let call = calls.removeFirst()
        theirs = .answering(call)
        return [.answer(call)]
    }

    /// Sends our next call, if none is outstanding. One past its deadline is never sent: no stale remote start.
    private mutating func speak(_ now: Int64) -> [Effect] {
        guard ours == .idle else { return expire(now) }
        var effects = expire(now)
        guard !asks.isEmpty else { return effects }
        let ask = asks.removeFirst()
        ours = .waiting(ask, until: now + Self.callTimeoutNanoseconds)
        effects.append(.write(.call(ask.id, action: ask.action, payload: ask.payload)))
        return effects
    }

    private mutating func expire(_ now: Int64) -> [Effect] {
        let expired = asks.filter { $0.deadlineNanoseconds <= now }
        asks.removeAll { $0.deadlineNanoseconds <= now }
        return expired.map { .ended($0, .neverSent) }
    }

    private mutating func timeOut(_ now: Int64) -> [Effect] {
        guard case .waiting(let ask, let until) = ours, until <= now else { return [] }
        ours = .idle
        return [.ended(ask, .unknown)]
    }

    /// The call in flight may have been done; those that wait were not (C5).
    private mutating func close() -> [Effect] {
        var effects: [Effect] = []
        if case .waiting(let ask, _) = ours { effects.append(.ended(ask, .unknown)) }
        effects += asks.map { .ended($0, .neverSent) }
        ours = .idle
        theirs = .idle
        asks = []
        calls = []
        isClosed = true
        return effects
    }

    private func afterClose(_ event: Event) -> [Effect] {
        switch event {
        case .asked(let ask): [.ended(ask, .neverSent)]
        case .received(let frame), .answered(let frame): [.ignored(frame, why: "the socket is closed")]
        case .passed, .closed: []
        }
    }
}
