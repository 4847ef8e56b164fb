import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens for health and version questions; one event loop is plenty for a service this small.
final class AgentServer {
  /// A client that sends or reads nothing for this long is cut off.
  static let patience = TimeAmount.seconds(10)

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let answers: Answers
  private let log: Logger
  private let gate = ConnectionGate(limit: 64)
  private var listeners: [any Channel] = []
  private var socketPaths: [String] = []

  init(version: String, log: Logger) {
    answers = Answers(version: version)
    self.log = log
  }

  /// Listens on a unix socket. A socket left by an agent that was killed is removed first; anything else is left alone.
  func listen(socket path: String) throws {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    // Whoever may reach the folder may ask: the answers hold nothing secret.
    listeners.append(try bootstrap().bind(unixDomainSocketPath: path).wait())
    chmod(path, 0o666)
    socketPaths.append(path)
  }

  /// Listens on `port` of 127.0.0.1 and, where the host has it, of ::1.
  func listen(port: UInt16) throws {
    listeners.append(try bootstrap().bind(host: "127.0.0.1", port: Int(port)).wait())
    do {
      listeners.append(try bootstrap().bind(host: "::1", port: Int(port)).wait())
    } catch {
      log.info("no IPv6 loopback: \(error)")
    }
  }

  /// Closes the listeners, lets the event loop end, and removes the sockets.
  func stop() {
    for listener in listeners { try? listener.close().wait() }
    try? group.syncShutdownGracefully()
    for path in socketPaths { unlink(path) }
  }

  private func bootstrap() -> ServerBootstrap {
    let (answers, gate) = (answers, gate)
    return ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        guard gate.enter() else { return channel.close() }
        channel.closeFuture.whenComplete { _ in gate.leave() }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: Self.patience))
          try pipeline.addHandler(ByteLimit(limit: 16 * 1024))
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(AnswerHandler(answers: answers))
        }
      }
  }
}
