import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens for GET and HEAD on one folder.
final class StaticServer {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
  private let folder: SharedFolder
  private let log: Bool
  private var listener: (any Channel)?

  init(_ folder: SharedFolder, log: Bool) {
    self.folder = folder
    self.log = log
  }

  /// Returns the port that was bound. Errors: `IOError`.
  func listen(address: String, port: Int) throws -> Int {
    let (folder, log) = (folder, log)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(FileHandler(folder, log: log))
        }
      }
    let listener = try bootstrap.bind(host: address, port: port).wait()
    self.listener = listener
    return listener.localAddress?.port ?? port
  }

  func stop() {
    try? listener?.close().wait()
    try? group.syncShutdownGracefully()
  }
}
