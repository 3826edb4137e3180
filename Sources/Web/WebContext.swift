// SPDX-License-Identifier: Apache-2.0
package import Hummingbird
package import NIOCore

/// What is known of a request besides its head and body: where it came from.
package struct WebContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection.
    package let remoteAddress: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The caller's IP address, by which anonymous calls are counted.
    var address: String { remoteAddress?.ipAddress ?? "unknown" }
}
