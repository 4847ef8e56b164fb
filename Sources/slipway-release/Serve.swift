import ArgumentParser
import Glibc
import Publishing

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the repository on this machine, for trying things out.",
    discussion: """
      Example:
        slipway-release serve --repository repo --port 0

      Prints its URL on standard output once it listens, and ends on SIGTERM or Ctrl-C. Devices get URL/metadata/ and
      URL/targets/. In production any web server, CDN or object store serves the same plain files.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The port to listen on; 0 takes any that is free.")
  var port: UInt16 = 8080

  @Option(help: "The address to listen on; only this machine reaches the default.")
  var address = "127.0.0.1"

  @Flag(help: "Tell every request on standard error.")
  var log = false

  func run() throws {
    // Blocked before any other thread exists, so that every thread inherits it and sigwait is the only taker.
    var stopping = sigset_t()
    sigemptyset(&stopping)
    sigaddset(&stopping, SIGTERM)
    sigaddset(&stopping, SIGINT)
    pthread_sigmask(SIG_BLOCK, &stopping, nil)
    signal(SIGPIPE, SIG_IGN)

    _ = try Repository.open(repository.path)
    let server = StaticServer(try SharedFolder(repository.path), log: log)
    defer { server.stop() }
    let bound = try server.listen(address: address, port: Int(port))
    let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
    try output.answer(Document(url: "http://\(host):\(bound)/"), ["http://\(host):\(bound)/"])
    var signal: CInt = 0
    sigwait(&stopping, &signal)
  }

  private struct Document: Encodable {
    let schema = "slipway.serve/1"
    let url: String
  }
}
