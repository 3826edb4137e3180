// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A port for somebody who goes away and comes back to it.
///
/// They are counted up beneath the range from which the system gives ports to clients and to whoever asks for any: nobody
/// takes one while its owner is away.
enum FreePort {
    private static let last = Mutex(12_000 + Int(getpid()) % 7_000)

    static func next() throws -> Int {
        for _ in 0..<1000 {
            let port = last.withLock { last in
                last = last < 19_900 ? last + 1 : 12_000
                return last
            }
            if isFree(port) { return port }
        }
        throw Trouble("no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
