// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Digests
import JSONText
import Logging
import NIOCore
import OCPP
import Quantities

/// Step 1, Frame: one station on one socket. Runs its `Conversation`, and stores before it answers (C44).
///
/// One loop owns the conversation; reading and answering happen beside it and report to it.
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
        let (inputs, input) = AsyncStream<StationLine.Input>.makeStream()
        let line = StationLine(version: version, socket: socket, input: input)
        // The last connection counts: calls in flight on the old one end as unknown (C5).
        registry.enter(line, of: station)?.hangUp(.policyViolation)
        let pace = ReadingPace()
        do {
            try await socket.messages.executeThenClose { inbound, outbound in
                await withDiscardingTaskGroup { group in
                    group.addTask {
                        await read(inbound, into: line, pace: pace)
                        line.post(.closed)
                        line.finish()
                    }
                    await converse(line, inputs, outbound, pace: pace, in: &group)
                    pace.end()
                }
            }
        } catch {
            log.debug("socket ended", metadata: ["station": "\(station)", "error": "\(error)"])
        }
        line.end()
        return registry.leave(line, of: station)
    }

    /// Reads messages no faster than they can be dealt with.
    private func read(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, into line: StationLine, pace: ReadingPace
    ) async {
        do {
            for try await message in inbound {
                line.post(.heard(Array(message.readableBytesView)))
                try await pace.read()
            }
        } catch {
            log.debug("reading ended", metadata: ["station": "\(station)", "error": "\(error)"])
        }
    }

    /// The loop: what happens goes into the conversation, what it wants is done.
    private func converse(
        _ line: StationLine, _ inputs: AsyncStream<StationLine.Input>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, pace: ReadingPace,
        in group: inout DiscardingTaskGroup
    ) async {
        let connectedAt = door.now
        var talk = Talk(version: version, connection: connection)
        for await input in inputs {
            let works = talk.take(input, uptime: Self.uptime(), now: door.now)
            if case .answered = input { line.admit(talk.isAdmitted) }
            for work in works {
                switch work {
                case .write(let frame):
                    if case .call = frame { group.addTask { await keepSent(frame) } }
                    await write(frame, to: outbound)
                    if frame.isAnswer { pace.done() }
                case .answer(let call, let heard):
                    let arrival = Arrival(receivedAt: heard.receivedAt, connectedAt: connectedAt)
                    let isAdmitted = talk.isAdmitted
                    // At once: it is as good as begun when it first waits, for the database.
                    group.addImmediateTask {
                        let answer = await answer(call, heard, arrival, isAdmitted: isAdmitted)
                        line.post(.answered(answer.frame, isAdmitted: answer.isAdmitted))
                    }
                case .take(let call, let heard): group.addTask { await take(call, heard) }
                case .keep(let heard, let id, let why): group.addTask { await keep(heard, id, why: why) }
                case .settle(let waiter, let outcome): line.settle(waiter, outcome)
                case .done: pace.done()
                }
            }
            talk.setAlarm(uptime: Self.uptime()) { line.post(.passed) }
        }
        talk.cancelAlarm()
    }

    private func write(_ frame: Frame, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async {
        do {
            try await outbound.write(ByteBuffer(bytes: frame.bytes))
        } catch {
            // The socket is gone; the loop hears of it as well.
            log.debug("writing failed", metadata: ["station": "\(station)", "error": "\(error)"])
        }
    }

    /// Nanoseconds of a clock that no operator sets and no simulation speeds up: for deadlines of calls.
    private static func uptime() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }
}

extension ChargerConnection {
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

extension Frame {
    /// Whether it ends a call of the station.
    fileprivate var isAnswer: Bool {
        switch self {
        case .callResult, .callError: true
        case .call, .callResultError, .send: false
        }
    }
}
