// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Digests
import JSONText
import Logging
import NIOCore
import OCPP
import Quantities
import Synchronization

/// Step 1, Frame: one station on one socket. Runs its `Conversation`, and stores before it answers (C44).
///
/// Each message has a task of its own, and so has what is asked for from inside; these run on the loop of the socket.
struct ChargerConnection: Sendable {
    let door: any StationDoor
    let registry: ConnectionRegistry
    let socket: StationSocket
    let version: OCPPVersion
    let connection: ConnectionID
    let log: Logger

    private var station: StationID { socket.guest.station }

    /// Serves the station until its socket closes. Says whether the station is offline now: a connection that was
    /// replaced takes nobody offline.
    func run() async -> Bool {
        let line = StationLine(
            version: version, socket: socket, talk: Talk(version: version, connection: connection),
            connectedAt: door.now
        ) { await take($0, on: $1) }
        // The last connection counts: calls in flight on the old one end as unknown (C5).
        registry.enter(line, of: station)?.hangUp(.policyViolation)
        await socket.serve { await take(.heard(Array($0.readableBytesView)), on: line) }
        await take(.closed, on: line)
        line.end()
        return registry.leave(line, of: station)
    }

    /// Nanoseconds of a clock that no operator sets and no simulation speeds up: for deadlines of calls.
    private static func uptime() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }
}

extension ChargerConnection {
    /// Puts an input into the conversation, and does what that wants.
    private func take(_ input: StationLine.Input, on line: StationLine) async {
        var works = tell(input, on: line)
        while !works.isEmpty {
            let work = works.removeFirst()
            if let input = await done(work, on: line) { works += tell(input, on: line) }
        }
    }

    private func tell(_ input: StationLine.Input, on line: StationLine) -> [Talk.Work] {
        line.talk.withLock { talk in
            let uptime = Self.uptime()
            let works = talk.take(input, uptime: uptime, now: door.now)
            if case .answered = input { line.admit(talk.isAdmitted) }
            talk.setAlarm(uptime: uptime) { [line] in line.post(.passed) }
            return works
        }
    }

    /// Does one thing; what comes of it for the conversation, if anything does.
    private func done(_ work: Talk.Work, on line: StationLine) async -> StationLine.Input? {
        switch work {
        case .write(let frame):
            socket.write(ByteBuffer(bytes: frame.bytes))
            if case .call = frame { await keepSent(frame) }
        case .answer(let call, let heard):
            let arrival = Arrival(receivedAt: heard.receivedAt, connectedAt: line.connectedAt)
            let answer = await answer(call, heard, arrival, isAdmitted: line.isAdmitted)
            return .answered(answer.frame, isAdmitted: answer.isAdmitted)
        case .take(let call, let heard): await take(call, heard)
        case .keep(let heard, let id, let why): await keep(heard, id, why: why)
        case .settle(let waiter, let outcome): line.settle(waiter, outcome)
        }
        return nil
    }

    /// The answer to one call, after it was stored.
    private func answer(
        _ call: Conversation.Call, _ heard: Talk.Heard, _ arrival: Arrival, isAdmitted: Bool
    ) async -> (frame: Frame, isAdmitted: Bool?) {
        do {
            switch Translated.of(call, in: version, arrival, isAdmitted: isAdmitted) {
            case .heartbeat:
                let answer = V16.Heartbeat.answer(atNanoseconds: arrival.receivedAt.nanoseconds)
                return (.callResult(call.id, payload: answer), nil)
            case .tell(let message, let findings):
                let answer = try await door.receive(
                    message.withholding(heard.withheld, at: heard.receivedAt),
                    in: frame(heard, call.id, call.action, findings))
                let payload = Answers.payload(answer, to: call.action, in: version, at: door.now)
                return (.callResult(call.id, payload: payload), answer.admits)
            case .journal(let action, let payload, let findings):
                let frame = frame(heard, call.id, call.action, findings)
                _ = try await door.receive(.journal(action: action), in: frame)
                return (.callResult(call.id, payload: payload), nil)
            case .refuse(let code, let why, let findings):
                let frame = frame(heard, call.id, call.action, findings)
                try await door.keep(frame, direction: .inbound, state: .uninterpreted)
                return (.callError(call.id, Frame.Failure(code, in: version, why)), nil)
            }
        } catch {
            log.error(
                "message not stored",
                metadata: ["station": "\(station)", "action": "\(call.action)", "error": "\(error)"])
            return (Answers.notStored(call, in: version), nil)
        }
    }

    /// A message that wants no answer (2.1 SEND) goes to the journal.
    private func take(_ call: Conversation.Call, _ heard: Talk.Heard) async {
        do {
            _ = try await door.receive(
                .journal(action: call.action), in: frame(heard, call.id, call.action, []))
        } catch {
            log.error("message not stored", metadata: ["station": "\(station)", "error": "\(error)"])
        }
    }

    /// Keeps a reply, or what could not be read: at most 64 KiB of it, with its length.
    private func keep(_ heard: Talk.Heard, _ id: MessageID?, why: String?) async {
        let isLong = heard.bytes.count > Self.keptBytes
        var findings = why.map { [Finding(.missing, at: .root, $0)] } ?? []
        if isLong {
            let hash = SHA256Digest.hex(of: heard.bytes)
            findings.append(
                Finding(.dropped, at: .root, "cut from \(heard.bytes.count) bytes, SHA-256 \(hash)"))
        }
        let isOversized = heard.bytes.count > OCPP.Frame.interpretedBytes
        let kept = Talk.Heard(
            bytes: isLong ? Array(heard.bytes.prefix(Self.keptBytes)) : heard.bytes,
            receivedAt: heard.receivedAt, findings: heard.findings)
        await store(
            frame(kept, id ?? .unreadable, "", findings), .inbound,
            why == nil ? .kept : isOversized ? .oversized : .uninterpreted)
    }

    /// How much of an unusable message is kept.
    private static let keptBytes = 64 << 10

    /// Keeps a call of ours.
    private func keepSent(_ sent: Frame) async {
        let heard = Talk.Heard(bytes: Commands.kept(sent).bytes, receivedAt: door.now)
        await store(frame(heard, sent.id, sent.action ?? "", []), .outbound, .kept)
    }

    /// Stores a frame that asks for nothing. If that fails there is nobody to tell but the log.
    private func store(_ frame: ReceivedFrame, _ direction: FrameDirection, _ state: FrameState) async {
        do {
            try await door.keep(frame, direction: direction, state: state)
        } catch {
            log.error("frame not kept", metadata: ["station": "\(station)", "error": "\(error)"])
        }
    }

    /// No database keeps U+0000 in a text; the bytes of the frame have it all the same.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }

    private func frame(
        _ heard: Talk.Heard, _ id: MessageID, _ action: String, _ findings: [Finding]
    ) -> ReceivedFrame {
        ReceivedFrame(
            station: station, connection: connection, version: version.rawValue,
            messageID: Self.storable(id.text), action: Self.storable(action), bytes: heard.bytes,
            receivedAt: heard.receivedAt,
            findings: (heard.findings + findings).map(\.description))
    }
}

extension StationAnswer {
    /// Whether a boot was accepted; nil for answers to anything else.
    fileprivate var admits: Bool? {
        if case .boot(let decision, _) = self { return decision == .accepted }
        return nil
    }
}
