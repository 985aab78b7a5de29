-- Health of sender-operator.io resources for Argo CD: SenderDomain, SenderAddress and SenderClaim.
--
-- Progressing while DNS, SES or the owner of a mailbox is waited for; Degraded when a person has to do something (Stalled);
-- Suspended when suspended; Healthy only when Ready, and only for the newest generation.
local health = { status = "Progressing", message = "Waiting for the operator" }

if obj.kind == "SenderClaim" then
  local state = obj.spec ~= nil and obj.spec.state or ""
  health.status = "Healthy"
  health.message = state
  return health
end

if obj.spec ~= nil and obj.spec.suspend == true then
  health.status = "Suspended"
  health.message = "spec.suspend is true"
  return health
end

local status = obj.status
if status == nil or status.conditions == nil then
  return health
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil
    and status.observedGeneration ~= obj.metadata.generation then
  return health
end

local ready = nil
for _, condition in ipairs(status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    health.status = "Degraded"
    health.message = condition.reason .. ": " .. condition.message
    return health
  end
  if condition.type == "Ready" then
    ready = condition
  end
end
if ready ~= nil then
  health.message = ready.reason .. ": " .. ready.message
  if ready.status == "True" then
    health.status = "Healthy"
  end
end
return health
