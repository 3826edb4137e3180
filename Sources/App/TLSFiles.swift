// SPDX-License-Identifier: Apache-2.0

import Chargers
import HummingbirdCore
import HummingbirdTLS
import NIOSSL

/// The files that make the one port speak TLS.
struct TLSFiles: Sendable, Hashable {
    /// PEM, the server's certificate first.
    let certificate: String
    /// PEM.
    let key: String

    /// TLS 1.2 or later, as security profile 2 wants it (1.6 security paper §3; 2.0.1 part 2 A00.FR.316).
    var configuration: TLSConfiguration {
        get throws {
            do {
                let chain = try NIOSSLCertificate.fromPEMFile(certificate)
                guard !chain.isEmpty else {
                    throw StartError.badSetting("--tls-certificate", "\(certificate) holds no certificate")
                }
                let key = try NIOSSLPrivateKey(file: key, format: .pem)
                var configuration = TLSConfiguration.makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
                configuration.minimumTLSVersion = .tlsv12
                configuration.applicationProtocols = ["http/1.1"]
                // Fails now, with its name, and not at the first station.
                _ = try NIOSSLContext(configuration: configuration)
                return configuration
            } catch let error as StartError {
                throw error
            } catch {
                throw StartError.badSetting(
                    "--tls-certificate", "\(certificate) and \(key) cannot be used: \(error)")
            }
        }
    }
}
