import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import TPM

/// A TPM of its own for one test: swtpm(8), in a folder that is gone afterwards.
struct SoftwareTPM: Sendable {
  let folder: FilePath
  let tcti: TCTI
  /// The certificates that vouch for its endorsement key.
  var authorities: FilePath { folder.appending("ca") }
  private var socket: FilePath { folder.appending("socket") }
  var state: FilePath { folder.appending("state") }

  private init(_ folder: FilePath) throws {
    self.folder = folder
    tcti = try #require(TCTI("swtpm:path=\(folder)/socket"))
  }

  /// - Parameter maker: whether it gets certificates, as a maker would give them.
  static func with(maker: Bool = false, _ body: @Sendable (SoftwareTPM) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      let tpm = try SoftwareTPM(scratch)
      try tpm.folders()
      if maker { try await tpm.provide() }
      try await tpm.running(body)
    }
  }

  /// Runs `body` while a second one runs, with a copy of this one's state: what a copied virtual machine has.
  func cloned(_ body: @Sendable (SoftwareTPM) async throws -> Void) async throws {
    let copy = try SoftwareTPM(folder.appending("clone"))
    try #require(mkdir(copy.folder.string, 0o700) == 0)
    try copy.folders()
    try await Program.check("/bin/cp", [state.appending("tpm2-00.permall").string, copy.state.string])
    try await copy.running(body)
  }

  /// Runs one of tpm2-tools(1) on it, in its folder.
  @discardableResult
  func tool(_ name: String, _ arguments: String...) async throws -> String {
    try await Program.check(
      "/usr/bin/env",
      ["--chdir=\(folder)", "TPM2TOOLS_TCTI=\(tcti)", "TSS2_LOG=all+NONE", "tpm2_\(name)"] + arguments)
  }

  func read(_ name: String) throws -> [UInt8] { try Program.read(folder.appending(name)) }

  func write(_ name: String, _ bytes: [UInt8]) throws { try Program.write(folder.appending(name), bytes) }

  private func folders() throws {
    for path in [state, authorities] { try #require(mkdir(path.string, 0o700) == 0) }
  }

  /// As a maker does it: endorsement keys, and certificates for them in the TPM's storage, signed by a CA of its own.
  private func provide() async throws {
    let (tool, options) = (folder.appending("localca.conf"), folder.appending("localca.options"))
    try write(
      "localca.conf",
      Array(
        """
        statedir = \(authorities)
        signingkey = \(authorities)/signkey.pem
        issuercert = \(authorities)/issuercert.pem
        certserial = \(authorities)/certserial

        """.utf8))
    try write(
      "localca.options",
      Array("--platform-manufacturer Example\n--platform-version 1.0\n--platform-model Bench\n".utf8))
    try write(
      "setup.conf",
      Array(
        """
        create_certs_tool=/usr/bin/swtpm_localca
        create_certs_tool_config=\(tool)
        create_certs_tool_options=\(options)
        active_pcr_banks=sha256

        """.utf8))
    try await Program.check(
      "/usr/bin/env",
      [
        "swtpm_setup", "--tpm2", "--tpmstate", state.string, "--config", folder.appending("setup.conf").string,
        "--create-ek-cert",
      ])
  }

  private func running(_ body: @Sendable (SoftwareTPM) async throws -> Void) async throws {
    let pid = folder.appending("pid")
    try await Program.check(
      "/usr/bin/env",
      [
        "swtpm", "socket", "--tpm2", "--tpmstate", "dir=\(state)", "--server", "type=unixio,path=\(socket)", "--ctrl",
        "type=unixio,path=\(socket).ctrl", "--flags", "not-need-init,startup-clear", "--pid", "file=\(pid)", "--daemon",
      ])
    defer { stop() }
    try await body(self)
  }

  private func isZombie(_ number: Int32) -> Bool {
    let status = (try? Program.read(FilePath("/proc/\(number)/stat"))) ?? []
    return String(decoding: status, as: UTF8.self).contains(") Z ")
  }

  /// Ends it, as if its power went.
  func stop() {
    guard let text = try? Program.read(folder.appending("pid")),
      let number = Int32(String(decoding: text, as: UTF8.self).filter(\.isNumber)), number > 1
    else { return }
    kill(number, SIGKILL)
    // Not our child, for swtpm has made itself a daemon: somebody else may take his time to reap it.
    for _ in 0..<500 where kill(number, 0) == 0 && !isZombie(number) { usleep(10_000) }
    unlink(folder.appending("pid").string)
  }
}
