// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Quantities
import Simulation
import Storage

/// The test controls of a running server: its clock, the Sandbox's faults, and simulated chargers over real WebSockets.
actor TestBench: TestControls {
    private let desk: Desk
    private let office: SandboxOffice
    private let host: String
    private let port: Int
    private var chargers: [String: (runner: StationRunner, task: Task<Void, Never>)] = [:]

    init(desk: Desk, office: SandboxOffice, host: String, port: Int) {
        self.desk = desk
        self.office = office
        self.host = host == "0.0.0.0" ? "127.0.0.1" : host
        self.port = port
    }

    func advance(by step: Elapsed) async throws -> Instant {
        desk.clock.advance(by: step)
        _ = try await office.passTime()
        return desk.clock.now
    }

    nonisolated var faults: [String] { ArmedFault.names }

    func arm(_ fault: TestFault, of organisation: OrganisationID) async throws {
        switch fault {
        case .named(let name):
            guard let armed = ArmedFault.named(name) else { throw TestRefusal.unknownFault(name) }
            try await office.arm(armed, of: organisation)
        case .operation(let operation, let what, let times):
            let isKnown =
                operation == "page" ? Sandbox.isInstrument(what) : SandboxFault(rawValue: what) != nil
            guard isKnown else { throw TestRefusal.unknownFault(what) }
            try await office.arm(ArmedFault(operation: operation, what: what, times: times), of: organisation)
        case .drawn(let seed, let perMille):
            try await office.drawFaults(seed: seed, perMille: perMille, of: organisation)
        }
    }

    func move(_ identity: String, _ move: TestMove, of organisation: OrganisationID) async throws
        -> TestCharger
    {
        let isOurs = try await desk.store.read { tx in
            try tx.station(identity: identity)?.organisation == organisation
        }
        guard isOurs else { throw TestRefusal.unknownCharger(identity) }
        if case .connect(let version, let power, let energy, let password) = move {
            guard chargers[identity] == nil else {
                throw TestRefusal.notPossible("It is switched on already.")
            }
            let socket = SimulatedSocket(host: host, port: port, password: password)
            let plan = SimulatedStation.Plan(
                identity: identity, version: version, power: power, energyWanted: energy,
                meterInterval: .seconds(60))
            let runner = StationRunner(plan, socket: socket, clock: desk.clock, log: desk.log)
            chargers[identity] = (runner, Task { await runner.run() })
            // It answers for itself as soon as the socket is open; whoever cannot wait looks again.
            for _ in 0..<50 where await !runner.isConnected { try await Task.sleep(for: .milliseconds(20)) }
            return await shown(identity, runner)
        }
        guard let (runner, task) = chargers[identity] else { throw TestRefusal.unknownCharger(identity) }
        switch move {
        case .connect, .look: break
        case .tap(let uid):
            guard await runner.isConnected, await !runner.isBusy else {
                throw TestRefusal.notPossible("It is not connected, or a car is plugged in.")
            }
            try await runner.tap(uid)
        case .unplug: try await runner.unplug()
        case .disconnect:
            task.cancel()
            chargers[identity] = nil
            var charger = await shown(identity, runner)
            charger.isConnected = false
            return charger
        }
        return await shown(identity, runner)
    }

    private func shown(_ identity: String, _ runner: StationRunner) async -> TestCharger {
        TestCharger(
            identity: identity, isConnected: await runner.isConnected, isBusy: await runner.isBusy,
            register: await runner.register)
    }

    /// Switches every simulated charger off.
    func close() {
        for charger in chargers.values { charger.task.cancel() }
        chargers = [:]
    }
}
