// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix

/// Finds out before the start whether a port can be had: the address of the pages must be known first.
enum FreePort {
    /// The port itself, or a free one for 0. Throws `portInUse` if somebody listens there; a host that cannot be looked up
    /// is left to the start, which names it.
    static func reserve(host: String, port: Int) throws -> Int {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        do {
            let channel = try bootstrap.bind(host: host, port: port).wait()
            let given = channel.localAddress?.port ?? port
            try channel.close().wait()
            return given
        } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
            throw StartError.portInUse(host, port)
        } catch is SocketAddressError {
            return port
        }
    }
}
