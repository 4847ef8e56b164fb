import Cryptography
import Glibc
import Posix
import Subprocess
import SystemPackage
import Testing

@testable import TPM

/// A device below a folder with a TPM of its own, and the real signer: a process for each connection, started by systemd's
/// own tool for trying that. (The units themselves are tried on a whole systemd in system/test_systemd_signer.)
struct SignerProcess: Sendable {
  static let activator = "/usr/bin/systemd-socket-activate"
  static let isPossible = access(activator, X_OK) == 0
  private static let product = "room-agent"

  let tpm: SoftwareTPM
  let client: SignerClient
  let root: FilePath
  let activator: pid_t

  /// Beside the tests' own executable.
  private static var slipway: FilePath {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return FilePath(bundle).removingLastComponent().appending("slipway")
  }

  /// Counts what is loaded into the TPM before and after.
  static func with(user: UInt32 = geteuid(), _ body: @escaping @Sendable (SignerProcess) async throws -> Void)
    async throws
  {
    try await SoftwareTPM.with { tpm in
      let root = tpm.folder.appending("root")
      try makeDevice(root, tpm, user: user)
      try await slipway("identity", "make", root)
      let before = try TPMDevice(tpm.tcti).loadedHandles()
      let socket = tpm.folder.appending("tpm.sock")
      let arguments = [
        "--listen", socket.string, "--accept", "--inetd", slipway.string, "tpm-signer", "--root", root.string,
        "--product",
        product, "--user", "slipway-\(product)",
      ]
      let pid = try start(activator, arguments, output: "/dev/null")
      defer { end(pid) }
      try #require(await eventually { isListening(socket) })
      let signer = SignerProcess(tpm: tpm, client: SignerClient(socket), root: root, activator: pid)
      try await body(signer)
      guard access(tpm.folder.appending("pid").string, F_OK) == 0 else { return }
      #expect(try TPMDevice(tpm.tcti).loadedHandles() == before)
    }
  }

  /// The file is there a little earlier. The process that this connection has ends with it.
  private static func isListening(_ socket: FilePath) -> Bool {
    do {
      _ = try SignerConnection(socket, patience: .seconds(1))
      return true
    } catch { return false }
  }

  /// What an installed product has.
  private static func makeDevice(_ root: FilePath, _ tpm: SoftwareTPM, user: UInt32) throws {
    try #require(mkdir(root.string, 0o755) == 0)
    for folder in ["opt", "var/lib", "etc"] {
      let trees = folder == "var/lib" ? "/trees" : ""
      _ = try Directory.make(root.pushing(FilePath("\(folder)/slipway/\(product)\(trees)")), below: root)
    }
    try Program.write(
      root.pushing(FilePath("etc/slipway/\(product)/config.toml")), Array("[tpm]\ntcti = \"\(tpm.tcti)\"\n".utf8))
    try Program.write(
      root.appending("etc/passwd"), Array("slipway-\(product):x:\(user):\(user)::/:/usr/sbin/nologin\n".utf8))
  }

  private static func slipway(_ verb: String, _ part: String, _ root: FilePath, _ more: String...) async throws {
    try await Program.check(slipway, [verb, part] + more + ["--root", root.string, "--product", product])
  }

  /// Keeps certificates for the device's key, as an admin would.
  func certify(_ file: FilePath) async throws { try await Self.slipway("identity", "certify", root, file.string) }

  /// The signers that are at work, one for each connection.
  var signers: [pid_t] {
    let children = try? Program.read(FilePath("/proc/\(activator)/task/\(activator)/children"))
    return String(decoding: children ?? [], as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
  }

  /// Calls `body` while the TPM does not answer, and no signer is at work from before.
  func whileTheTPMHangs<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    let text = String(decoding: try Program.read(tpm.folder.appending("pid")), as: UTF8.self)
    let pid = try #require(pid_t(text.filter(\.isNumber)))
    #expect(await eventually { signers.isEmpty })
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGCONT) }
    return try await body()
  }
}

/// Starts a program that is ended by `end`.
func start(_ path: String, _ arguments: [String], output: String) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  for number: Int32 in [1, 2] {
    posix_spawn_file_actions_addopen(&actions, number, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  }
  // The threads of tests block signals, which programs do not expect.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
  var words = ([path] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var pid: pid_t = 0
  let code = posix_spawn(&pid, path, &actions, &attributes, &words, environ)
  guard code == 0 else { throw Program.Failed(description: "\(path): \(Errno(rawValue: code))") }
  return pid
}

/// Ends a program of `start`, and takes note of its end.
func end(_ pid: pid_t) {
  kill(pid, SIGKILL)
  var status: Int32 = 0
  while waitpid(pid, &status, 0) < 0, errno == EINTR {}
}

/// Whether `condition` comes true within ten seconds.
func eventually(_ condition: () -> Bool) async -> Bool {
  let deadline = HostClock.monotonicNanoseconds() + 10_000_000_000
  while !condition() {
    guard HostClock.monotonicNanoseconds() < deadline else { return false }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return true
}
