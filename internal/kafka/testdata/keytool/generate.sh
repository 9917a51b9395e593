#!/bin/sh
# Makes the stores of this folder with Java's own keytool (JDK 17; any since 11 will do). Their
# password is changeit-hunter2; the key of keystore-own.jks has one of its own, another-one.
set -eu
cd "$(dirname "$0")"
rm -f ./*.p12 ./*.jks
password=changeit-hunter2
keytool -genkeypair -alias me -dname CN=me -keyalg EC -groupname secp256r1 -validity 36500 -ext san=ip:127.0.0.1 \
	-storetype PKCS12 -keystore keystore.p12 -storepass $password
keytool -importkeystore -srckeystore keystore.p12 -srcstorepass $password \
	-destkeystore keystore.jks -deststoretype JKS -deststorepass $password
cp keystore.jks keystore-own.jks
keytool -keypasswd -alias me -keystore keystore-own.jks -storepass $password -keypass $password -new another-one
keytool -exportcert -alias me -keystore keystore.p12 -storepass $password -file me.crt
for type in PKCS12:p12 JKS:jks; do
	keytool -importcert -noprompt -alias authority -file me.crt -storetype "${type%:*}" \
		-keystore "truststore.${type#*:}" -storepass $password
done
# Without a password: neither the certificates nor the store are sealed.
keytool -importcert -noprompt -alias authority -file me.crt -storetype PKCS12 \
	-keystore truststore-open.p12 -storepass $password \
	-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE
rm me.crt
