import ArgumentParser
import Glibc
import Logging

/// The sample agent: answers health and version questions until it is told to stop.
@main
struct AgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slipway-agent",
    abstract: "A small service that tells its health and its version.",
    discussion: """
      Example: slipway-agent --socket /run/room-agent/agent.sock --version-file agent/VERSION

      GET /health and GET /version answer with one JSON document each.
      """)

  @Option(help: "The unix socket to listen on; a stale one is replaced.")
  var socket: String?

  @Option(help: "The port to listen on, on the loopback addresses only.")
  var port: UInt16?

  @Option(help: "The file whose first line is the version to report.")
  var versionFile: String?

  func validate() throws {
    guard socket != nil || port != nil else {
      throw ValidationError("Name a --socket or a --port to listen on.")
    }
  }

  func run() throws {
    // Blocked before any other thread exists, so that every thread inherits it and sigwait is the only taker.
    var stopping = sigset_t()
    sigemptyset(&stopping)
    sigaddset(&stopping, SIGTERM)
    sigaddset(&stopping, SIGINT)
    pthread_sigmask(SIG_BLOCK, &stopping, nil)

    LoggingSystem.bootstrap { _ in JournalLog() }
    let log = Logger(label: "slipway-agent")
    let version = try versionFile.map(VersionFile.read) ?? "0.0.0"
    let server = AgentServer(version: version, log: log)
    do {
      if let socket { try server.listen(socket: socket) }
      if let port { try server.listen(port: port) }
    } catch {
      log.error("cannot listen: \(error)")
      server.stop()
      throw ExitCode(1)
    }
    log.notice("version \(version) is up")
    Notification.send("READY=1")

    var signal: CInt = 0
    sigwait(&stopping, &signal)
    Notification.send("STOPPING=1")
    log.notice("stopping on signal \(signal)")
    server.stop()
  }
}
