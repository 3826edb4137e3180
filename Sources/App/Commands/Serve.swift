// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Logging
import Quantities
import Storage

/// `amptill serve`: pages, API and chargers on one port.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve pages, API and chargers on one port.",
        discussion: """
            The first start makes an organisation for testing and prints its operator key once. Set \
            AMPTILL_OPERATOR_KEY (at least 24 characters) to choose the key yourself.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await Ending.explained {
            let start = try await Start(options)
            let till = try await Till(start.plan)
            if let key = till.founded.newKey { Lines.output("Operator key (shown once): \(key)") }
            try await till.serve(host: start.host, port: start.port) {
                Lines.output("Amptill listens on \(start.plan.settings.publicURL)")
            }
        }
    }
}

/// What the flags and the environment come to.
struct Start {
    let host: String
    let port: Int
    let plan: Till.Plan

    init(_ options: ServerOptions, clockRate: Int64? = nil) async throws {
        host = options.resolvedHost
        let wanted = try options.resolvedPort
        port = try FreePort.reserve(host: host, port: wanted)
        let shown = host == "0.0.0.0" || host == "127.0.0.1" ? "localhost" : host
        let tls = try options.resolvedTLS
        let scheme = tls == nil ? "http" : "https"
        let publicURL =
            options.publicURL ?? Environment["AMPTILL_PUBLIC_URL"] ?? "\(scheme)://\(shown):\(port)"
        var settings = Settings(
            publicURL: publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL,
            unknownStations: try options.resolvedUnknownStations,
            allowInsecure: try options.resolvedAllowInsecure,
            allowsPrivateWebhooks: options.resolvedAllowPrivateWebhooks)
        settings.isReadOnly = options.readOnly
        let mail = try MailServer.fromEnvironment()
        settings.sendsMail = mail != nil
        let location = try options.database.location
        plan = Till.Plan(
            location: location, key: try options.database.installationKey(for: location),
            settings: settings,
            clockRate: try clockRate ?? options.resolvedClockRate,
            operatorKey: Environment["AMPTILL_OPERATOR_KEY"],
            crashAt: options.crashAt, tls: tls, mail: mail, trustedProxies: options.resolvedTrustedProxies,
            log: Logs.standard())
    }
}

/// Ends a command the way a person understands: one line on standard error, exit status 2.
enum Ending {
    static func explained(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as StartError {
            throw failure("\(error)")
        } catch let error as StoreError {
            throw failure("--database: \(error)")
        } catch let error as FoundInstallation.Refusal {
            throw failure("AMPTILL_OPERATOR_KEY: \(error)")
        }
    }

    static func failure(_ line: String) -> ExitCode {
        Lines.error("amptill: \(line)")
        return ExitCode(2)
    }
}
