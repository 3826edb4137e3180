// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import Quantities
import Storage

/// Where the state is; shared by all commands that touch it.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the embedded database. Default: data; AMPTILL_DATA_DIR.", valueName: "folder"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "postgres://user@host/database, or the path of a SQLite file. Default: <data-dir>/amptill.db; AMPTILL_DATABASE.",
            valueName: "address"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "Keys that seal secrets: 64 hexadecimal digits a line, the one in use first. Default: <database>.key, made by the first start; AMPTILL_INSTALLATION_KEY_FILE, or the keys in AMPTILL_INSTALLATION_KEY.",
            valueName: "file"))
    var installationKeyFile: String?

    /// The database these options name.
    var location: DatabaseLocation {
        get throws {
            if let address = database ?? Environment["AMPTILL_DATABASE"] {
                return try Self.location(address)
            }
            let folder = dataDir ?? Environment["AMPTILL_DATA_DIR"] ?? "data"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return .file(folder + "/amptill.db")
        }
    }
}

extension DatabaseOptions {
    /// `?schema=name` at the end of a PostgreSQL address names the schema of our tables; libpq knows no such word.
    static func location(_ address: String) throws -> DatabaseLocation {
        let location = try DatabaseLocation(address)
        guard case .postgres(let url, _) = location, let start = url.range(of: "schema=") else {
            return location
        }
        let name = url[start.upperBound...].prefix { $0 != "&" }
        let rest = url[..<start.lowerBound].dropLast() + url[start.upperBound...].dropFirst(name.count)
        return .postgres(url: String(rest), schema: String(name))
    }
}

/// How the server listens and what it is called.
struct ServerOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Option(help: "Address to listen on. Default: 127.0.0.1; AMPTILL_HOST.")
    var host: String?

    @Option(help: "Port for pages, API and chargers. 0 picks a free one. Default: 8080; AMPTILL_PORT.")
    var port: Int?

    @Option(
        help: ArgumentHelp(
            "Where browsers and chargers reach the server. Default: http://localhost:<port>; AMPTILL_PUBLIC_URL.",
            valueName: "url"))
    var publicURL: String?

    @Option(
        help: ArgumentHelp(
            "Stations nobody knows: refuse, pending, or admit:<site>. Default: pending; AMPTILL_UNKNOWN_STATIONS.",
            valueName: "policy"))
    var unknownStations: String?

    @Option(
        help: ArgumentHelp(
            "Let the clock run this many times as fast (test organisations only). Default: 1; AMPTILL_CLOCK_RATE.",
            valueName: "times"))
    var clockRate: Int64?

    @Flag(
        help: ArgumentHelp(
            "Let events be sent to private addresses and without TLS. Default: no; AMPTILL_ALLOW_PRIVATE_WEBHOOKS=1."
        ))
    var allowPrivateWebhooks = false

    @Flag(help: "Refuse every change that people and programs ask for; chargers and gateways are heard.")
    var readOnly = false

    @Option(
        help: ArgumentHelp(
            "Certificate chain (PEM): the one port then speaks TLS 1.2 or later. AMPTILL_TLS_CERTIFICATE.",
            valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("Its private key (PEM). AMPTILL_TLS_KEY.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, by commas. AMPTILL_TRUSTED_PROXIES.",
            valueName: "addresses"))
    var trustedProxies: String?

    @Option(
        help: ArgumentHelp(
            "Stations of security profile 0, without a password: allow or refuse. Default: allow; AMPTILL_INSECURE_STATIONS.",
            valueName: "policy"))
    var insecureStations: String?

    @Option(help: .hidden)
    var crashAt: Int?

    /// Where certificate and key are; nil for no TLS. One without the other is an error.
    var resolvedTLS: TLSFiles? {
        get throws {
            let certificate = tlsCertificate ?? Environment["AMPTILL_TLS_CERTIFICATE"]
            let key = tlsKey ?? Environment["AMPTILL_TLS_KEY"]
            switch (certificate, key) {
            case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
            case (nil, nil): return nil
            case (_?, nil): throw StartError.badSetting("--tls-key", "a certificate needs its key")
            case (nil, _?): throw StartError.badSetting("--tls-certificate", "a key needs its certificate")
            }
        }
    }

    /// Addresses of proxies that are believed.
    var resolvedTrustedProxies: Set<String> {
        let text = trustedProxies ?? Environment["AMPTILL_TRUSTED_PROXIES"] ?? ""
        return Set(text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    }

    /// Whether stations without a password are let in.
    var resolvedAllowInsecure: Bool {
        get throws {
            switch insecureStations ?? Environment["AMPTILL_INSECURE_STATIONS"] ?? "allow" {
            case "allow": return true
            case "refuse": return false
            case let other:
                throw StartError.badSetting("--insecure-stations", "\(other) is not allow or refuse")
            }
        }
    }

    /// The host to listen on.
    var resolvedHost: String { host ?? Environment["AMPTILL_HOST"] ?? "127.0.0.1" }

    /// The port to listen on, 0 to 65535.
    var resolvedPort: Int {
        get throws {
            if let port { return port }
            guard let text = Environment["AMPTILL_PORT"] else { return 8080 }
            guard let port = Int(text), (0...65_535).contains(port) else {
                throw StartError.badSetting("AMPTILL_PORT", "\(text) is no port number")
            }
            return port
        }
    }

    /// Whether subscribers to events may be at private addresses.
    var resolvedAllowPrivateWebhooks: Bool {
        allowPrivateWebhooks || Environment["AMPTILL_ALLOW_PRIVATE_WEBHOOKS"] == "1"
    }

    /// How fast the clock runs.
    var resolvedClockRate: Int64 {
        get throws {
            guard let rate = clockRate ?? Environment["AMPTILL_CLOCK_RATE"].flatMap(Int64.init) else {
                return 1
            }
            guard (1...100_000).contains(rate) else {
                throw StartError.badSetting("--clock-rate", "\(rate) is not between 1 and 100000")
            }
            return rate
        }
    }

    /// What happens to stations nobody knows.
    var resolvedUnknownStations: UnknownStations {
        get throws {
            let text = unknownStations ?? Environment["AMPTILL_UNKNOWN_STATIONS"] ?? "pending"
            if text == "pending" { return .pending }
            if text == "refuse" { return .refuse }
            if text.hasPrefix("admit:"), let site = SiteID(String(text.dropFirst(6))) { return .admit(site) }
            throw StartError.badSetting(
                "--unknown-stations", "\(text) is not refuse, pending or admit:<site>")
        }
    }

    func validate() throws {
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port must be between 0 and 65535.")
        }
    }
}

/// The environment of the process; read here and nowhere else.
enum Environment {
    static subscript(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
        return value
    }
}

/// Why the server could not start: one line on standard error that names the setting and the cause, exit status 2.
enum StartError: Error, CustomStringConvertible {
    /// A flag or variable has a value that makes no sense.
    case badSetting(String, String)
    /// Somebody listens on that port already.
    case portInUse(String, Int)
    /// The database cannot be opened.
    case database(String)
    /// The first operator key is set already and is another.
    case operatorKey(String)

    var description: String {
        switch self {
        case .badSetting(let setting, let cause): "\(setting): \(cause)"
        case .portInUse(let host, let port): "--port \(port): another program listens on \(host):\(port)"
        case .database(let cause): "--database: \(cause)"
        case .operatorKey(let cause): "AMPTILL_OPERATOR_KEY: \(cause)"
        }
    }
}
