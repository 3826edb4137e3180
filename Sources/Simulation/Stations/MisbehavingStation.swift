// SPDX-License-Identifier: Apache-2.0

package import JSONText
package import Quantities

/// A station that misbehaves in one way, as a value: answers go in, what it does next comes out. It has no socket and no
/// clock; `App` carries its frames.
package struct MisbehavingStation: Sendable {
    /// What it does next.
    package enum Move: Hashable, Sendable {
        case connect
        /// The line goes dead, without a closing handshake.
        case cut
        /// A call; its answer is awaited.
        case send(String)
        /// Waits until the other stations have come as far.
        case gather
        case done
    }

    package let misbehaviour: Misbehaviour
    package let identity: String
    package let version: String
    /// What the server's replies alone show to be wrong.
    package private(set) var broken: [String] = []
    private var steps: [MisbehavingStep]
    private var position = 0
    private var messages: Int64 = 0
    private var outstanding: (id: String, step: MisbehavingStep.Call)?
    /// The number that a 1.6 server gave; -1 until then.
    private var number: Int64 = -1
    private var starts: [Int64] = []

    /// A station that is switched off.
    ///
    /// - Parameters:
    ///   - now: its visit began an hour before.
    ///   - name: what a 2.x station calls its transaction; nobody else uses it.
    ///   - badToken: a token that the server refuses.
    package init(
        _ misbehaviour: Misbehaviour, identity: String, version: String, at now: Instant, name: String,
        badToken: String = "BAD1"
    ) {
        self.misbehaviour = misbehaviour
        self.identity = identity
        self.version = version
        let script = MisbehavingScript(version: version, at: now, name: name, badToken: badToken)
        steps = script.steps(misbehaviour)
    }

    /// What it does next; call `received` with the answer before asking again.
    package mutating func next() -> Move {
        guard position < steps.count else { return .done }
        defer { position += 1 }
        switch steps[position] {
        case .connect: return .connect
        case .cut: return .cut
        case .gather: return .gather
        case .call(let call):
            messages += 1
            let id = "\(identity)-\(messages)"
            outstanding = (id, call)
            return .send(JSON.array([2, .string(id), .string(call.action), call.payload(number)]).text())
        }
    }

    /// A frame of the server: gives what to answer it with, and whether it is what was waited for.
    package mutating func received(_ text: String) -> (reply: String?, isAnswer: Bool) {
        // a frame that nobody can read is not answered (J §4.2)
        guard let frame = try? JSON.parse(Array(text.utf8)), let kind = frame[0]?.int64,
            let id = frame[1]?.string
        else { return (nil, false) }
        if kind == 2 { return (JSON.array([4, .string(id), "NotImplemented", "", [:]]).text(), false) }
        guard let call = outstanding, call.id == id else { return (nil, false) }
        outstanding = nil
        if kind == 4 {
            let error = frame[2]?.string ?? "?"
            complain("\(call.step.action) was answered with the error \(error); the station would discard it")
        } else {
            judge(frame[2] ?? [:], call.step)
        }
        return (nil, true)
    }

    /// The connection failed.
    package mutating func complain(_ text: String) { broken.append(text) }

    private mutating func judge(_ payload: JSON, _ call: MisbehavingStep.Call) {
        guard call.isStart else { return }
        if let given = payload["transactionId"]?.int64 {
            number = given
            starts.append(given)
            if let first = starts.first, first != given {
                complain("one start was given two transactions, \(first) and \(given)")
            }
        }
        guard misbehaviour == .rejectedTagDeliversEnergy else { return }
        let status = (payload["idTagInfo"] ?? payload["idTokenInfo"])?["status"]?.string
        if status == nil || status == "Accepted" { complain("the token should have been refused") }
        if version == "1.6", number <= 0 {
            complain("transactionId \(number): a refused start needs a positive one, too")
        }
    }

    /// The last line of a scenario, as `misbehaving.py` writes it.
    package static func verdict(of stations: [MisbehavingStation], station: String) -> JSON {
        guard let first = stations.first else { return .null }
        let truth = first.misbehaviour.truth(version: first.version, stations: Int64(stations.count))
        return [
            "event": "verdict", "scenario": .string(first.misbehaviour.rawValue),
            "version": .string(first.version),
            "station": .string(station), "truth": truth.json,
            "broken": .array(stations.flatMap(\.broken).map(JSON.string)),
        ]
    }
}

/// One step of a misbehaving station.
enum MisbehavingStep: Sendable {
    case connect, cut, gather
    case call(Call)

    struct Call: Sendable {
        var action: String
        /// Made when it is sent: 1.6 messages carry the number that the server gave.
        var payload: @Sendable (_ number: Int64) -> JSON
        var isStart = false
    }
}
