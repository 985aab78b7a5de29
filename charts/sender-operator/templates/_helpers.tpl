{{- /* Names contain the release name, so that several environments can share a cluster. */ -}}
{{- define "sender-operator.fullname" -}}
{{- $name := default .Release.Name .Values.fullnameOverride -}}
{{- if or .Values.fullnameOverride (contains .Chart.Name $name) -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" $name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sender-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sender-operator.labels" -}}
{{ include "sender-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sender-operator.serviceAccountName" -}}
{{- default (include "sender-operator.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "sender-operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- /* Formats of values: files/formats.yaml. */ -}}
{{- define "sender-operator.formats" -}}
{{- $table := .Files.Get "files/formats.yaml" | fromYaml -}}
{{- range $format := $table.formats -}}
{{- range $path := $format.values -}}
{{- $value := $.Values -}}
{{- range splitList "." $path -}}{{- $value = get $value . -}}{{- end -}}
{{- if kindIs "slice" $value -}}
{{- range $value -}}
{{- if not (regexMatch $format.pattern .) -}}
{{- fail (printf "%s has %q, but each item must be %s." $path . $format.write) -}}
{{- end -}}
{{- end -}}
{{- else if and (kindIs "string" $value) (or $value $format.needed) (not (regexMatch $format.pattern $value)) -}}
{{- fail (printf "%s is %q, but must be %s." $path $value $format.write) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $map := $table.maps -}}
{{- range $key, $list := get $.Values $map.value -}}
{{- if not (regexMatch $map.keys $key) -}}
{{- fail (printf "%s has the key %q, but each key must be %s." $map.value $key $map.write) -}}
{{- end -}}
{{- if $map.items -}}
{{- range $list -}}
{{- if not (regexMatch $map.items .) -}}
{{- fail (printf "%s, %s has %q, but each item must be %s." $map.value $key . $map.writeItem) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Checks before anything is installed. */ -}}
{{- define "sender-operator.check" -}}
{{- include "sender-operator.formats" . -}}
{{- $mail := .Values.config -}}
{{- if and $mail.confirmationSender (not $mail.publicUrl) -}}
{{- fail "config.confirmationSender is set but config.publicUrl is not: mailbox owners could not open the links. Set config.publicUrl to the public URL of the Service's port `web`." -}}
{{- end -}}
{{- if and .Values.aws.roleArn .Values.aws.credentialsSecret -}}
{{- fail "aws.roleArn and aws.credentialsSecret are both set, and the access key would take precedence over the role: set only one of them." -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.create is false: set serviceAccount.name to an existing service account." -}}
{{- end -}}
{{- if and .Values.service.webNodePort (eq .Values.service.type "ClusterIP") -}}
{{- fail "service.webNodePort requires service.type NodePort or LoadBalancer." -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- fail "ingress.enabled and httpRoute.enabled are mutually exclusive: enable only one of them." -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not $mail.publicUrl) -}}
{{- fail "an Ingress or HTTPRoute is enabled, but config.publicUrl is not set: set it to the URL that users open." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled requires httpRoute.parentRefs: specify the gateway of the route." -}}
{{- end -}}
{{- if and .Values.podDisruptionBudget.enabled (lt (int .Values.replicas) 2) -}}
{{- fail "podDisruptionBudget.enabled with one replica would block every node drain: set replicas to 2 or more." -}}
{{- end -}}
{{- end -}}

{{- define "sender-operator.files" -}}
{{- if or .Values.delegations .Values.mailTemplates .Values.logo.data -}}true{{- end -}}
{{- end -}}
