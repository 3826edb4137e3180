// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage

/// What an integrator's tests may turn; only for test organisations, and never beside real money (api.md §3.12).
enum TestRoutes {
    static let all: [Route] = [
        .get(
            "/v1/test/clock", .programs, "The time that everything here goes by.", answers: [.ok(.testClock)],
            problems: [.testOnly],
            { call in
                _ = try await controls(call)
                return .ok(clock(call, call.desk.clock.now))
            }),
        .post(
            "/v1/test/clock/advance", .programs, "Jump ahead; what becomes due on the way happens.",
            request: ObjectShape("ClockStep", [.must("by_s", .integer(1...31_622_400), "At most 366 days.")]),
            answers: [.ok(.testClock)], problems: [.testOnly],
            { call in
                let controls = try await controls(call)
                let seconds = try call.body.need("by_s", call.body.integer("by_s"))
                return .ok(clock(call, try await controls.advance(by: .seconds(seconds))))
            }),
        .get(
            "/v1/test/faults", .programs, "The faults that can be armed by their id.",
            answers: [.ok(.testFaults)],
            problems: [.testOnly],
            { call in .ok(["faults": .array(try await controls(call).faults.map { .string($0) })]) }),
        .post(
            "/v1/test/faults", .programs, "Let something go wrong at the Sandbox.", request: .testFault,
            answers: [Route.Answer(status: 204, content: .nothing)], problems: [.testOnly], arm),
        .post(
            "/v1/test/chargers/{identity}/connect", .programs, "Switch a simulated charger on.",
            request: ObjectShape(
                "SimulatedCharger",
                [
                    .may("version", .word(["1.6", "2.0.1"])), .may("power_w", .integer(1...1_000_000)),
                    .may("energy_wh", .integer(1...1_000_000), "What a car wants."),
                    .may("password", .shortText),
                ]),
            answers: [.ok(.testCharger)], problems: [.testOnly, .invalidState],
            { call in
                try await move(
                    call,
                    .connect(
                        version: call.body.text("version") ?? "2.0.1",
                        power: Power(watts: call.body.integer("power_w") ?? 11_000),
                        energyWanted: Energy(wattHours: call.body.integer("energy_wh") ?? 9_000),
                        password: call.body.text("password")))
            }),
        .post(
            "/v1/test/chargers/{identity}/tap", .programs, "A driver taps a card.",
            request: ObjectShape("Tap", [.must("uid", .text(.plain, max: 36))]),
            answers: [.ok(.testCharger)], problems: [.testOnly, .invalidState],
            { call in try await move(call, .tap(try call.body.need("uid", call.body.text("uid")))) }),
        .post(
            "/v1/test/chargers/{identity}/unplug", .programs, "The driver pulls the plug.",
            answers: [.ok(.testCharger)], problems: [.testOnly, .invalidState],
            { call in try await move(call, .unplug) }),
        .post(
            "/v1/test/chargers/{identity}/disconnect", .programs, "The connection is lost.",
            answers: [.ok(.testCharger)], problems: [.testOnly, .invalidState],
            { call in try await move(call, .disconnect) }),
        .get(
            "/v1/test/chargers/{identity}", .programs, "Where a simulated charger stands.",
            answers: [.ok(.testCharger)], problems: [.testOnly, .invalidState],
            { call in try await move(call, .look) }),
    ]

    /// The controls, if there are any and no real money is near.
    private static func controls(_ call: Call) async throws -> any TestControls {
        let organisation = try call.organisation
        let (isLive, anyLive) = try await call.read { tx in
            (try tx.find(OrganisationRecord.self, organisation)?.kind == .live, try tx.hasLiveOrganisation())
        }
        guard !isLive, !anyLive, let controls = call.clerk.tests else {
            throw Problem(
                .testOnly,
                anyLive ? "This installation has a live organisation." : "This server has no test controls.")
        }
        return controls
    }

    private static func clock(_ call: Call, _ now: Instant) -> JSON {
        ["now": .time(now), "rate": JSON(call.desk.clock.rate)]
    }

    private static func arm(_ call: Call) async throws -> Reply {
        let controls = try await controls(call)
        let fault: TestFault
        if let id = call.body.text("fault") {
            fault = .named(id)
        } else if let seed = call.body.integer("seed") {
            fault = .drawn(seed: UInt64(seed), perMille: call.body.integer("per_mille") ?? 100)
        } else {
            fault = .operation(
                try call.body.need("operation", call.body.text("operation")),
                try call.body.need("what", call.body.text("what")), times: call.body.integer("times") ?? 1)
        }
        do {
            try await controls.arm(fault, of: try call.organisation)
        } catch TestRefusal.unknownFault(let name) {
            throw Problem.invalidField(
                JSONPointer.root.appending("fault"), "No fault of a gateway: \(name.prefix(40)).")
        }
        return Reply(status: .noContent, content: .nothing)
    }

    private static func move(_ call: Call, _ move: TestMove) async throws -> Reply {
        do {
            let charger = try await controls(call).move(
                call.parameter("identity"), move, of: try call.organisation)
            return .ok([
                "identity": .string(charger.identity), "connected": .bool(charger.isConnected),
                "busy": .bool(charger.isBusy), "register_wh": JSON(charger.register.wattHours),
            ])
        } catch TestRefusal.unknownCharger {
            throw Problem.notFound("simulated charger")
        } catch TestRefusal.notPossible(let why) {
            throw Problem(.invalidState, why)
        }
    }
}

extension ObjectShape {
    /// What time it is.
    static let testClock = ObjectShape(
        "TestClock", [.must("now", .instant), .must("rate", .count, "Seconds here in one second outside.")])

    /// What can be armed.
    static let testFaults = ObjectShape("TestFaults", [.must("faults", .list(.shortText, max: 100))])

    /// One of: an id; an operation and what happens to it; a seed to draw from.
    static let testFault = ObjectShape(
        "TestFault",
        [
            .may("fault", .shortText, "An id of the failure list, e.g. F1."),
            .may(
                "operation", .shortText,
                "authorize, capture, adjust, void, refund, charge_off_session, page or any."),
            .may("what", .shortText, "A fault, or for the page an instrument."),
            .may("times", .integer(1...1000)), .may("seed", .integer(0...Int64.max)),
            .may("per_mille", .integer(0...1000)),
        ])

    /// A simulated charger.
    static let testCharger = ObjectShape(
        "TestCharger",
        [
            .must("identity", .shortText), .must("connected", .flag), .must("busy", .flag),
            .must("register_wh", .count),
        ])
}
