import ArgumentParser
import Console
import Glibc
import Installation
import Posix
import Proxies
import SystemPackage
import Updating

/// `slipway proxy credentials`: user and password for one proxy.
struct ProxyCredentialsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials", abstract: "Set user and password for one proxy, or forget them.",
    discussion: """
      Example: sudo slipway proxy credentials proxy.example.com:3128 device7 --password-file proxy-password
      Example: sudo slipway proxy credentials proxy.example.com:3128 --remove
      Without --password-file the password is the first line of standard input; on a terminal it is asked for. It is given \
      to that host and port only, whatever a script answers; with https:// before HOST, never without TLS.
      """)

  @Argument(help: "HOST:PORT of the proxy.") var proxy: String
  @Argument(help: "The user's name.") var user: String?
  @Option(help: "Read the password from the first line of FILE.") var passwordFile: String?
  @Flag(help: "Forget the user and password of this proxy.") var remove = false
  @OptionGroup var options: Options

  func validate() throws {
    guard (user == nil) == remove, !(remove && passwordFile != nil) else {
      throw ValidationError("Give either a user, or --remove.")
    }
  }

  func run() throws {
    try options.requireRoot()
    let layout = try options.installed()
    guard let endpoint = ProxyEndpoint(address: proxy) else {
      throw usage("'\(proxy.withoutUserinfo())' is not accepted: the proxy's HOST:PORT, as in proxy.example.com:3128")
    }
    let secrets = ProxySecrets(layout)
    var file = try secrets.read()
    guard let user else {
      guard file.set(nil, for: endpoint) else { throw usage("there are no credentials for \(endpoint.authority)") }
      try secrets.write(file)
      return try tell(layout, endpoint, nil)
    }
    guard ProxyCredentialsFile.isUser(user) else { throw usage("the user must be \(ProxyCredentialsFile.userRule)") }
    let password = try password()
    guard file.set(ProxyCredentials(user: user, password: password), for: endpoint) else { return }
    try secrets.write(file)
    try tell(layout, endpoint, "given")
  }

  /// Neither user nor password.
  private func tell(_ layout: Layout, _ endpoint: ProxyEndpoint, _ value: String?) throws {
    try options.device(layout, by: .caller).history.note(
      Event(.wishChanged, key: "proxy-credentials of \(endpoint.authority)", value: value))
  }

  /// The first line; what is in it is never shown.
  private func password() throws -> String {
    let bytes: [UInt8]
    if let passwordFile {
      let path = FilePathArgument.resolved(passwordFile)
      let file: FileDescriptor
      do throws(PosixError) { file = try .readingFile(path) } catch {
        guard error.code == EINVAL else { throw error }
        throw usage("\(path) is no regular file: name one, or give the password on standard input")
      }
      defer { try? file.close() }
      bytes = try file.readAll(limit: 64 << 10, path: path.string)
    } else if isatty(STDIN_FILENO) == 1 {
      do throws(Interruption) {
        bytes = try Terminal.secret("Password of \(user ?? "") at \(proxy): ")
      } catch {
        throw Failure(.interrupted, name: "interrupted", "interrupted; nothing was changed", remedy: "run it again")
      }
    } else {
      bytes = try FileDescriptor.standardInput.readAll(limit: 64 << 10, path: "standard input")
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, let text = String(validating: line, as: UTF8.self), ProxyCredentialsFile.isPassword(text)
    else { throw usage("the password must be UTF-8, not empty, and \(ProxyCredentialsFile.passwordRule)") }
    return text
  }

  private func usage(_ message: String) -> Failure {
    Failure(.usage, name: "usage", message, remedy: "see `slipway proxy credentials --help`; nothing was changed")
  }
}
