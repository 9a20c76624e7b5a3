# What people and CI run. `make help` lists it.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
LIBRARIES := libsqlite3-dev libcrypt-dev libpq-dev
export ROSTER_BIN ?= $(CURDIR)/.build/debug/roster

.PHONY: help libraries build describe demo serve test check lint unit-test client-test site-test node-test manual-test test-failover failover-test test-hostile hostile-test bench release package package-test install uninstall

help: ## Show this list.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

libraries: ## Install the system libraries that the build needs and that are missing.
	@scripts/system-packages.sh $(LIBRARIES)

build: libraries ## Build the program.
	@echo "building (the first time takes some minutes)"
	swift build --product roster $(SWIFT_FLAGS)

release: libraries ## Build the program as it is packaged: optimised, with Swift's runtime linked in.
	@echo "building a release (the first time takes ten minutes or more)"
	@scripts/build-release.sh

package: release ## Make a Debian package, and an archive for other systems, in dist/.
	@scripts/package.sh .build/release/roster

# As root Debian is tried too, in a folder that is made once; PACKAGE_ROOT= passes it over.
PACKAGE_ROOT ?= $(if $(filter 0,$(shell id -u)),$(CURDIR)/.build/package-root)

package-test: # The package in dist/: lintian, systemd's rating, and a small Debian in which it is installed, used and removed.
	@scripts/system-packages.sh lintian logrotate systemd systemd-container binutils curl iproute2 util-linux
	$(if $(PACKAGE_ROOT),scripts/package-root.sh $(PACKAGE_ROOT))
	ROSTER_PACKAGE_ROOT=$(PACKAGE_ROOT) python3 -m unittest discover -s Tests/PackageTests

PREFIX ?= /usr/local

install: ## Install what `make release` has built, below PREFIX (/usr/local); DESTDIR= puts it into a folder.
	@scripts/install-tree.sh install .build/release/roster "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Remove what `make install` has installed; settings and data stay.
	@scripts/install-tree.sh uninstall "$(DESTDIR)" "$(PREFIX)"

demo: build ## Import the sample site, serve it, list it with the CLI and with curl, stop.
	@scripts/system-packages.sh curl
	@scripts/demo.sh

serve: build ## The same, but leave the server running.
	@scripts/system-packages.sh curl
	@scripts/demo.sh --keep

test: libraries unit-test client-test ## Build and run all tests, but those that install a slapd (`make site-test`).

check: export ROSTER_STRICT = 1
check: lint libraries unit-test client-test site-test node-test failover-test hostile-test manual-test ## What CI runs: lint, warnings as errors, borders, all tests.

describe: build ## Write docs/openapi.json and the tables of docs/api.md from the calls' declarations.
	env -u ROSTER_BIN "$(ROSTER_BIN)" api describe > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json
	scripts/api-tables.py docs/api.md

lint: ## Check the format of the sources.
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks \
		Benchmarks/Sources/MadeSite Benchmarks/Sources/PeerServer Benchmarks/Sources/PublishProbe

unit-test: # A target may import only what it declares; in `make check` warnings are errors too.
	@scripts/system-packages.sh postgresql
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build $(SWIFT_FLAGS)

client-test: # A client that was written from the API's pages alone, and Examples/clients.
	@scripts/system-packages.sh curl openssl logrotate
	@command -v go >/dev/null || scripts/system-packages.sh golang-go
	@command -v node >/dev/null || scripts/system-packages.sh nodejs
	@python3 -c 'import hypothesis' 2>/dev/null || scripts/system-packages.sh python3-hypothesis
	@python3 -c 'import hypothesis' 2>/dev/null || python3 -m pip install --quiet --user hypothesis
	@python3 -c 'import prometheus_client' 2>/dev/null || scripts/system-packages.sh python3-prometheus-client
	@python3 -c 'import prometheus_client' 2>/dev/null || python3 -m pip install --quiet --user prometheus_client
	@python3 -c 'import schemathesis, openapi_spec_validator' 2>/dev/null || \
		python3 -m pip install --quiet --user schemathesis openapi-spec-validator
	@command -v promtool >/dev/null || scripts/promtool.sh .build/promtool
	python3 -m unittest discover -s Tests/ClientTests

site-test: # Users of a real slapd and of this machine.
	@scripts/system-packages.sh slapd ldap-utils
	python3 -m unittest discover -s Tests/SiteTests

# As root nodes of Debian are tried too, with nslcd and SSSD, in a folder that is made once; NODE_ROOT= passes them over.
NODE_ROOT ?= $(if $(filter 0,$(shell id -u)),$(CURDIR)/.build/node-root)

# Python's binding to OpenLDAP, which the second and third need, has no wheel: it is compiled.
NODE_LIBRARIES := jupyterhub-ldapauthenticator django-auth-ldap flask-appbuilder ldap-ui

node-test: # OpenLDAP's tools, ldap3, a slapd with the same people, and a node's clients and applications.
	@scripts/system-packages.sh slapd ldap-utils openssl apache2-bin freeradius freeradius-ldap freeradius-utils \
		dovecot-imapd dovecot-ldap postfix-ldap squid openvpn openvpn-auth-ldap
	@python3 -c 'import ldap3' 2>/dev/null || scripts/system-packages.sh python3-ldap3
	@python3 -c 'import ldap3' 2>/dev/null || python3 -m pip install --quiet --user ldap3
	@python3 -c "import ldapauthenticator, django_auth_ldap.config, flask_appbuilder, ldap_ui" 2>/dev/null || \
		{ scripts/system-packages.sh gcc libldap2-dev libsasl2-dev && python3 -m pip install --quiet --user $(NODE_LIBRARIES); }
	$(if $(NODE_ROOT),scripts/node-root.sh $(NODE_ROOT))
	ROSTER_NODE_ROOT=$(NODE_ROOT) python3 -m unittest discover -s Tests/NodeTests

manual-test: # Every command of the manual as it is printed. ROSTER_MANUAL_BUILD=1 runs the release build too.
	@command -v go >/dev/null || scripts/system-packages.sh golang-go
	@command -v node >/dev/null || scripts/system-packages.sh nodejs
	@scripts/system-packages.sh sudo sqlite3 postgresql curl openssl iproute2 util-linux
	$(if $(NODE_ROOT),scripts/node-root.sh $(NODE_ROOT))
	ROSTER_NODE_ROOT=$(NODE_ROOT) python3 -m unittest discover -s Tests/ManualTests

test-failover: build failover-test ## Kill, cut off and promote real PostgreSQL servers below two replicas; under three minutes after the build.

failover-test: # With the program that is built.
	@scripts/system-packages.sh postgresql
	python3 -m unittest discover -s Tests/FailoverTests

test-hostile: export ROSTER_BIN = $(CURDIR)/.build/release/roster
test-hostile: export ROSTER_HOSTILE_FIGURES = 1
test-hostile: libraries ## Attackers and victims at once, on a release build; prints what the victims saw.
	@scripts/build-release.sh
	@$(MAKE) --no-print-directory hostile-test

hostile-test: # With the program that is built.
	@scripts/system-packages.sh openssl
	python3 -m unittest discover -s Tests/HostileTests

bench: libraries ## Measure against peers and print one table; about twenty minutes after the build. BENCH="--only search".
	@scripts/build-release.sh
	@python3 Benchmarks/run.py $(BENCH)
