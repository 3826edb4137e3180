// SPDX-License-Identifier: Apache-2.0

import Charging
import JSONText
package import Quantities

/// A charging station with one EVSE, as a value: frames and time go in, frames come out.
///
/// It has no socket and no clock. `App` carries its frames over a WebSocket for the demonstration and hands them over in
/// process for the simulator.
package struct SimulatedStation: Sendable {
    /// What it is and how it charges.
    package struct Plan: Sendable, Hashable {
        /// OCPP identity.
        package var identity: String
        /// `1.6` or `2.0.1`.
        package var version: String
        /// Constant power while charging.
        package var power: Power
        /// How much energy a car wants.
        package var energyWanted: Energy
        /// How long the car stays plugged in afterwards without charging.
        package var stay: Elapsed
        /// Time between two meter values.
        package var meterInterval: Elapsed
        /// Register at power-up.
        package var register: Energy

        package init(
            identity: String, version: String, power: Power, energyWanted: Energy, stay: Elapsed = .zero,
            meterInterval: Elapsed = .seconds(60), register: Energy = Energy(wattHours: 1_234_567)
        ) {
            self.identity = identity
            self.version = version
            self.power = power
            self.energyWanted = energyWanted
            self.stay = stay
            self.meterInterval = meterInterval
            self.register = register
        }
    }

    /// Where its one socket stands.
    enum Phase: Hashable, Sendable {
        case free
        /// The start message is out; its answer gives the number (1.6).
        case beginning
        case charging(since: Instant)
        /// Full, still plugged in.
        case full(since: Instant)
    }

    /// One session as the station knows it.
    struct Visit: Hashable, Sendable {
        var token: String
        var tokenKind: String
        var remoteStartID: Int64?
        var name: String
        var number: Int64?
        var sequence: Int64 = 0
        var startRegister: Energy
        var nextSample: Instant
        var stopReason: String?
    }

    /// What it is and how it charges.
    package let plan: Plan
    /// The meter.
    package internal(set) var register: Energy
    var phase = Phase.free
    var visit: Visit?
    var waitingCalls: [Call] = []
    var outstanding: Call?
    var messageCount: Int64 = 0
    var visits: Int64 = 0
    var isBooted = false
    private var lastTick: Instant?

    /// A call that waits for its turn or for its answer.
    struct Call: Hashable, Sendable {
        var id: String
        var action: String
        var payload: JSON
    }

    /// A station that is switched off until ``connected(at:)``.
    package init(_ plan: Plan) {
        self.plan = plan
        register = plan.register
    }

    /// Whether a car is plugged in.
    package var isBusy: Bool { visit != nil }

    var dialect: any StationDialect { plan.version == "1.6" ? Dialect16() : Dialect201() }

    /// The socket is open: what it sends first.
    package mutating func connected(at now: Instant) -> [String] {
        outstanding = nil
        if !isBooted { call("BootNotification", dialect.boot(self), first: true) }
        return next()
    }

    /// A driver taps a card. Refused while a car is plugged in.
    package mutating func tap(_ token: String, at now: Instant) -> [String] {
        guard visit == nil, isBooted else { return [] }
        begin(token: token, kind: "ISO14443", remoteStartID: nil, at: now)
        call("Authorize", dialect.authorize(self))
        return next()
    }

    /// The driver pulls the plug.
    package mutating func unplug(at now: Instant) -> [String] {
        end("EVDisconnected", at: now)
        return next()
    }

    /// A frame from the server: its answer or its call.
    package mutating func receive(_ text: String, at now: Instant) -> [String] {
        // a frame nobody can read is not answered (J §4.2)
        guard let frame = try? JSON.parse(Array(text.utf8)),
            let kind = frame[0]?.int64, let id = frame[1]?.string
        else { return [] }
        switch kind {
        case 2:
            return [reply(to: id, action: frame[2]?.string ?? "", payload: frame[3] ?? [:], at: now)] + next()
        case 3: return answered(id, payload: frame[2] ?? [:], at: now)
        default: return answered(id, payload: [:], at: now)
        }
    }

    /// Time has passed: the meter turns, samples are due, the car may be full.
    package mutating func tick(at now: Instant) -> [String] {
        defer { lastTick = now }
        guard let before = lastTick, now > before, var visit else { return next() }
        if case .charging(let since) = phase {
            turnMeter(from: max(before, since), to: now)
            let delivered = register - visit.startRegister
            if delivered >= plan.energyWanted {
                phase = .full(since: now)
                for (action, payload) in dialect.suspended(&visit, self, at: now) { call(action, payload) }
                self.visit = visit
            } else if now >= visit.nextSample {
                visit.nextSample = now + plan.meterInterval
                let (action, payload) = dialect.sample(&visit, self, at: now)
                self.visit = visit
                call(action, payload)
            }
        }
        if case .full(let since) = phase, now - since >= plan.stay { end("EVDisconnected", at: now) }
        return next()
    }

    private mutating func turnMeter(from start: Instant, to now: Instant) {
        let nanoseconds = (now - start).nanoseconds
        guard nanoseconds > 0, let visit else { return }
        let turned = Int64(Int128(plan.power.milliwatts) * Int128(nanoseconds) / 3_600_000_000_000)
        let most = visit.startRegister + plan.energyWanted
        register = min(most, register + Energy(milliwattHours: turned))
    }

    mutating func begin(token: String, kind: String, remoteStartID: Int64?, at now: Instant) {
        visits += 1
        visit = Visit(
            token: token, tokenKind: kind, remoteStartID: remoteStartID,
            name: "\(plan.identity)-\(now.milliseconds)-\(visits)", startRegister: register,
            nextSample: now + plan.meterInterval)
    }

    /// The token may charge, or the server asked for it: plug in and start.
    mutating func start(at now: Instant) {
        guard var visit else { return }
        phase = .beginning
        for (action, payload) in dialect.start(&visit, self, at: now) { call(action, payload) }
        self.visit = visit
    }

    mutating func end(_ reason: String, at now: Instant) {
        guard var visit, phase != .free else { return }
        visit.stopReason = reason
        if case .beginning = phase, plan.version == "1.6", visit.number == nil {
            self.visit = visit  // the stop follows the answer that gives the number
            return
        }
        for (action, payload) in dialect.stop(&visit, self, at: now) { call(action, payload) }
        phase = .free
        self.visit = nil
    }

    mutating func call(_ action: String, _ payload: JSON, first: Bool = false) {
        messageCount += 1
        let call = Call(id: "\(plan.identity)-\(messageCount)", action: action, payload: payload)
        waitingCalls.insert(call, at: first ? 0 : waitingCalls.count)
    }

    /// The next call, if none is outstanding (OCPP-J §4.1.1).
    private mutating func next() -> [String] {
        guard outstanding == nil, !waitingCalls.isEmpty else { return [] }
        let call = waitingCalls.removeFirst()
        outstanding = call
        return [JSON.array([2, .string(call.id), .string(call.action), call.payload]).text()]
    }

    private mutating func answered(_ id: String, payload: JSON, at now: Instant) -> [String] {
        guard let call = outstanding, call.id == id else { return [] }
        outstanding = nil
        switch call.action {
        case "BootNotification":
            isBooted = payload["status"]?.string == "Accepted"
            if isBooted {
                for (action, status) in dialect.available(self, at: now) { self.call(action, status) }
            }
        case "Authorize":
            if dialect.isAccepted(payload) { start(at: now) } else { visit = nil }
        default:
            startAnswered(call, payload: payload, at: now)
        }
        return next()
    }

    private mutating func startAnswered(_ call: Call, payload: JSON, at now: Instant) {
        guard dialect.isStart(call), var visit, case .beginning = phase else { return }
        visit.number = payload["transactionId"]?.int64
        self.visit = visit
        phase = .charging(since: now)
        if visit.stopReason != nil || dialect.isRefused(payload) {
            end(visit.stopReason ?? "DeAuthorized", at: now)
        } else {
            for (action, status) in dialect.charging(self, at: now) { self.call(action, status) }
        }
    }

    private mutating func reply(to id: String, action: String, payload: JSON, at now: Instant) -> String {
        let answer: JSON
        switch dialect.command(action, payload) {
        case .start(let token, let kind, let remoteStartID):
            let free = visit == nil && isBooted
            answer = ["status": .string(free ? "Accepted" : "Rejected")]
            if free {
                begin(token: token, kind: kind, remoteStartID: remoteStartID, at: now)
                start(at: now)
            }
        case .stop(let name, let number):
            let mine = visit != nil && (visit?.name == name || (number != nil && visit?.number == number))
            answer = ["status": .string(mine ? "Accepted" : "Rejected")]
            if mine { end("Remote", at: now) }
        case .other(let reply):
            answer = reply
        case .unknown:
            return JSON.array([4, .string(id), "NotImplemented", "", [:]]).text()
        }
        return JSON.array([3, .string(id), answer]).text()
    }
}

/// What a command of the server asks of a station.
enum StationRequest: Hashable, Sendable {
    case start(token: String, kind: String, remoteStartID: Int64?)
    case stop(name: String?, number: Int64?)
    /// Answered at once, nothing else happens.
    case other(JSON)
    case unknown
}

/// The words of one OCPP version.
protocol StationDialect: Sendable {
    func boot(_ station: SimulatedStation) -> JSON
    func authorize(_ station: SimulatedStation) -> JSON
    func isAccepted(_ answer: JSON) -> Bool
    func isRefused(_ answer: JSON) -> Bool
    func isStart(_ call: SimulatedStation.Call) -> Bool
    func available(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)]
    func charging(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)]
    func start(_ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant) -> [(
        String, JSON
    )]
    func sample(_ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant) -> (
        String, JSON
    )
    func suspended(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)]
    func stop(_ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant) -> [(
        String, JSON
    )]
    func command(_ action: String, _ payload: JSON) -> StationRequest
}
