// SPDX-License-Identifier: Apache-2.0
package import Billing
import Charging
package import Logging
import OCPP
import Quantities

/// Delivers commands to the stations that are connected here, and reports what they say (architecture.md §5).
package struct ChargerCourier: Sendable {
    let door: any StationDoor
    let registry: ConnectionRegistry
    let log: Logger

    package init(door: any StationDoor, registry: ConnectionRegistry, log: Logger) {
        self.door = door
        self.registry = registry
        self.log = log
    }

    /// Works until it is cancelled. Looks when a command may be waiting, when a station connects, and every two
    /// seconds: a lost ring delays a command and loses none.
    package func run() async {
        let (rings, ring) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in await door.commandBell() { ring.yield() } }
            group.addTask { for await _ in registry.bell { ring.yield() } }
            group.addTask {
                // A sleep that is cancelled ends the looking.
                while (try? await Task.sleep(for: .seconds(2))) != nil { ring.yield() }
                ring.finish()
            }
            for await _ in rings { await deliverDue(in: &group) }
        }
    }

    /// One look: every command that is due goes to its station, each on its own way.
    private func deliverDue(in group: inout DiscardingTaskGroup) async {
        let stations = registry.connectedStations
        guard !stations.isEmpty else { return }
        do {
            for claimed in try await door.claimCommands(for: stations) {
                group.addTask { await deliver(claimed) }
            }
        } catch {
            log.error("commands not claimed", metadata: ["error": "\(error)"])
        }
    }

    /// Sends one command and reports the reply. A crash between the two leaves it to whoever asks the station.
    private func deliver(_ claimed: ClaimedCommand) async {
        let reply = await send(claimed)
        do {
            try await door.recordReply(reply, to: claimed)
        } catch {
            log.error(
                "reply not recorded", metadata: ["command": "\(claimed.id)", "error": "\(error)"])
        }
    }

    private func send(_ claimed: ClaimedCommand) async -> CommandReply {
        let patience = claimed.deadline - door.now
        guard patience > .zero, let line = registry.line(to: claimed.station) else { return .unreachable }
        // 1.6 §4.2, J-err 3.10: a station that is not accepted yet neither starts nor stops anything.
        guard line.isAdmitted || !claimed.command.isRemoteControl else {
            return .refused(reason: "NotAccepted")
        }
        guard let message = Commands.render(claimed.command, in: line.version) else {
            return .refused(reason: "NotSupported")
        }
        return Commands.reply(to: claimed.command, await line.ask(message, within: patience))
    }
}

extension StationCommand {
    /// Whether it starts or stops a session.
    fileprivate var isRemoteControl: Bool {
        switch self {
        case .start, .stop: true
        default: false
        }
    }
}
