// SPDX-License-Identifier: Apache-2.0
import Digests
import JSONText
import OCPP
import Quantities

/// The state of one connection: the conversation, with what it needs to know of frames and of those who wait.
struct Talk {
    /// What the connection is to do.
    enum Work {
        /// Send this frame.
        case write(Frame)
        /// Store the message, find its answer, and report it.
        case answer(Conversation.Call, Heard)
        /// Store a message that wants no answer.
        case take(Conversation.Call, Heard)
        /// Store a frame that asks for nothing.
        case keep(Heard, MessageID?, why: String?)
        /// A call of ours ended; tell whoever waits for it.
        case settle(waiter: Int, Conversation.Outcome)
    }

    /// The bytes of one message, with its findings.
    struct Heard: Sendable {
        let bytes: [UInt8]
        let receivedAt: Instant
        var findings: [Finding] = []
        /// The SHA-256 of signed records that held a card number and are in `bytes` no more.
        var withheld: [String] = []
    }

    private let version: OCPPVersion
    private let prefix: Substring
    private var conversation = Conversation()
    /// The frames of calls that were not answered yet, in the order of the calls.
    private var unanswered: [Heard] = []
    private var waiters: [MessageID: Int] = [:]
    private var asked = 0
    private var alarm: (deadline: Int64, task: Task<Void, Never>)?
    /// Whether the station may work; only a boot that is not accepted takes that away.
    private(set) var isAdmitted = true

    init(version: OCPPVersion, connection: ConnectionID) {
        self.version = version
        // Message ids are unique on the socket, and tell its frames from those of other sockets in the log.
        prefix = connection.text.suffix(10)
    }

    /// What is to be done now that this happened. `uptime` is in nanoseconds of a clock that only runs.
    mutating func take(_ input: StationLine.Input, uptime: Int64, now: Instant) -> [Work] {
        switch input {
        case .heard(let bytes):
            let (clean, withheld) = SignedRecords.withholding(bytes)
            return hear(
                Heard(bytes: Self.withoutCards(clean), receivedAt: now, withheld: withheld), uptime)
        case .answered(let frame, let isAdmitted):
            return work(conversation.apply(.answered(frame), atNanoseconds: uptime), admitting: isAdmitted)
        case .ask(let message, let patience, let waiter): return ask(message, patience, waiter, uptime)
        case .passed: return work(conversation.apply(.passed, atNanoseconds: uptime))
        case .closed: return work(conversation.apply(.closed, atNanoseconds: uptime))
        }
    }

    /// No card number comes further than this (payments.md §11). What names the message stays as it is: the answer must
    /// bear the same id; it is taken out where the frame is stored.
    private static func withoutCards(_ bytes: [UInt8]) -> [UInt8] {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")) else { return bytes }
        return CardNumbers.removed(from: bytes, after: start)
    }

    private mutating func hear(_ heard: Heard, _ uptime: Int64) -> [Work] {
        switch Frame.read(heard.bytes, version: version) {
        case .unusable(let why, let answer):
            return [.keep(heard, answer?.id, why: why)] + (answer.map { [.write($0)] } ?? [])
        case .frame(let frame, let findings):
            var heard = heard
            heard.findings = findings
            if case .call = frame { unanswered.append(heard) }
            let work = work(conversation.apply(.received(frame), atNanoseconds: uptime), of: heard)
            switch frame {
            case .call, .send: return work
            case .callResult, .callError, .callResultError:
                return work + [.keep(heard, frame.id, why: nil)]
            }
        }
    }

    private mutating func ask(
        _ message: Commands.Rendered, _ patience: Elapsed,
        _ waiter: Int, _ uptime: Int64
    ) -> [Work] {
        asked += 1
        let id = MessageID("\(prefix)-\(asked)")
        waiters[id] = waiter
        let (deadline, overflow) = uptime.addingReportingOverflow(patience.nanoseconds)
        let ask = Conversation.Ask(
            id: id, action: message.action, payload: message.payload,
            deadlineNanoseconds: overflow ? .max : deadline)
        return work(conversation.apply(.asked(ask), atNanoseconds: uptime))
    }

    private mutating func work(
        _ effects: [Conversation.Effect], of heard: Heard? = nil, admitting: Bool? = nil
    ) -> [Work] {
        if let admitting { isAdmitted = admitting }
        var work: [Work] = []
        for effect in effects {
            switch effect {
            case .write(let frame): work.append(.write(frame))
            case .answer(let call): work.append(.answer(call, unanswered.removeFirst()))
            case .take(let call): if let heard { work.append(.take(call, heard)) }
            case .ended(let ask, let outcome):
                if let waiter = waiters.removeValue(forKey: ask.id) {
                    work.append(.settle(waiter: waiter, outcome))
                }
            case .ignored: break
            }
        }
        return work
    }

    /// Has `ring` called when time alone changes something.
    mutating func setAlarm(uptime: Int64, _ ring: @escaping @Sendable () -> Void) {
        guard let next = conversation.nextDeadlineNanoseconds else { return cancelAlarm() }
        guard alarm?.deadline != next else { return }
        cancelAlarm()
        let task = Task {
            // Cancelled means that another alarm took its place: then nobody is to be rung.
            guard (try? await Task.sleep(for: .nanoseconds(max(0, next - uptime)))) != nil else { return }
            ring()
        }
        alarm = (next, task)
    }

    mutating func cancelAlarm() {
        alarm?.task.cancel()
        alarm = nil
    }
}
